import {execFileSync} from 'node:child_process'
import {existsSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import type {Test} from 'uvu'

/** A program (on the path, or in an sbin folder) or a file that a test needs, and the Debian package that brings it. */
export interface Need {
  program?: string
  pythonModule?: string
  package: string
}

/** The suite's own `test` where everything is there, else one that skips, saying what would help; test/run.ts counts these lines. */
export function needs<T>(test: Test<T>, ...wanted: Need[]): (name: string, run: () => Promise<void> | void) => void {
  const missing = wanted.filter(need => !has(need)).map(need => need.package)
  if (missing.length === 0) return (name, run) => test(name, run)
  return (name, run) => {
    console.log(`SKIPPED ${name}: apt-get install -y --no-install-recommends ${[...new Set(missing)].join(' ')}`)
    test.skip(name, run)
  }
}

function has({program, pythonModule}: Need): boolean {
  if (program && !findProgram(program)) return false
  if (!pythonModule) return true
  try {
    execFileSync('/usr/bin/python3', ['-c', `import ${pythonModule}`], {stdio: 'ignore'})
    return true
  } catch {
    return false
  }
}

export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.map(folder => join(folder, name)).find(path => existsSync(path))
}
