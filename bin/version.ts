import {readFileSync} from 'node:fs'
import {join} from 'node:path'

/** The version of this package, from its package.json. */
export function readVersion(): string {
  // bin/ lies in the package's folder as source, and in its dist/ when built.
  const up = import.meta.filename.endsWith('.ts') ? '..' : '../..'
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, up, 'package.json'), 'utf8')) as {version: string}
  return manifest.version
}
