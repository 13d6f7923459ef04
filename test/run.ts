/**
 * `npm test`: every *.test.ts in a process of its own, two at a time, each under a time limit; then a look for what was left behind.
 * uvu exits 0 when nothing ran, so this runner believes its printed totals, not its exit code alone.
 * `npm test -- words` runs the files whose path holds one of the words.
 */
import {spawn} from 'node:child_process'
import {globSync, mkdtempSync, readdirSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, relative} from 'node:path'
import {findLeaks} from './support/leaks.ts'
import {removeFolder} from './support/temp.ts'

const LIMIT_MS = 300_000
const WORKERS = 2

interface FileResult {
  file: string
  passed: number
  failed: number
  skipped: number
  skips: string[]
  output: string
  ms: number
}

const root = join(import.meta.dirname, '..')
const words = process.argv.slice(2)
const files = ['test/**/*.test.ts', 'plugins/**/*.test.ts']
  .flatMap(pattern => globSync(pattern, {cwd: root, exclude: name => name.includes('node_modules')}))
  .filter(file => words.length === 0 || words.some(word => file.includes(word)))
  .sort()

function runFile(file: string, temp: string): Promise<FileResult> {
  const started = performance.now()
  return new Promise(resolve => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file], {
      cwd: root,
      env: {...process.env, TMPDIR: temp, NO_COLOR: '1', FORCE_COLOR: '0'},
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let output = ''
    child.stdout.on('data', chunk => (output += chunk))
    child.stderr.on('data', chunk => (output += chunk))
    const timer = setTimeout(() => {
      output += `\nCannot finish ${file}: not done within ${LIMIT_MS} ms`
      if (child.pid) process.kill(-child.pid, 'SIGKILL')
    }, LIMIT_MS)
    child.once('close', code => {
      clearTimeout(timer)
      resolve({...readTotals(output, code), file, output, ms: performance.now() - started})
    })
  })
}

function readTotals(output: string, code: number | null): Omit<FileResult, 'file' | 'output' | 'ms'> {
  const number = (name: string): number => Number(new RegExp(`^  ${name}:\\s+(\\d+)`, 'm').exec(output)?.[1] ?? 0)
  const total = number('Total')
  const passed = number('Passed')
  const skipped = number('Skipped')
  // uvu counts skipped tests apart from the total; an exit code or an empty run that the totals hide is a failure too.
  const failed = Math.max(total - passed, code === 0 && total + skipped > 0 ? 0 : 1)
  return {passed, failed, skipped, skips: output.match(/^SKIPPED .*$/gm) ?? []}
}

const temp = mkdtempSync(join(tmpdir(), 'plugin-host-test-'))
const results: FileResult[] = []
const queue = [...files]
await Promise.all(
  Array.from({length: WORKERS}, async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const result = await runFile(file, temp)
      results.push(result)
      const mark = result.failed > 0 ? 'FAIL' : 'ok'
      console.log(
        `${mark.padEnd(5)}${relative(root, join(root, file))}  ${result.passed} passed  ${(result.ms / 1000).toFixed(1)} s`,
      )
      if (result.failed > 0) console.log(result.output.replaceAll(/^/gm, '     '))
    }
  }),
)

const leaks = await findLeaks(temp)
const left = readdirSync(temp)
for (const leak of leaks) console.log(`LEAKED process ${leak}`)
for (const name of left) console.log(`LEAKED ${join(temp, name)}`)
await removeFolder(temp)

const sum = (key: 'passed' | 'failed' | 'skipped'): number => results.reduce((total, result) => total + result[key], 0)
const failed = sum('failed') + leaks.length + left.length
const skipped = sum('skipped')
if (skipped > 0) console.log(`\n${results.flatMap(result => result.skips).join('\n')}`)
if (process.env.CI && skipped > 0) console.log('Skipped tests fail in CI: its script installs what they need')
console.log(`\n${sum('passed')} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = failed > 0 || files.length === 0 || (process.env.CI && skipped > 0) ? 1 : 0
