import {spawn} from 'node:child_process'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {deadline} from './deadline.ts'

const ROOT = join(import.meta.dirname, '../..')
const LIMIT_MS = 60_000

export interface Finished {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** Text for stdin; it is closed at once when left out. */
  input?: string
  /** `source` runs bin/main.ts, `launcher` what is in dist/. */
  from?: 'source' | 'launcher'
  /** The Node that starts it. */
  node?: string
}

/** `plugin-host <args>` in a process of its own, to its end. */
export async function runCommandLine(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const {cwd, env, input = '', from = 'source', node = process.execPath} = options
  const file = join(ROOT, from === 'source' ? 'bin/main.ts' : 'bin/launcher.cjs')
  const {PLUGIN_HOST_DATA: _, PLUGIN_HOST_URL: __, PLUGIN_HOST_TOKEN: ___, ...inherited} = process.env
  const child = spawn(node, [file, ...args], {cwd, env: {...inherited, ...env}, stdio: 'pipe'})
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const ended = new Promise<Pick<Finished, 'code' | 'signal'>>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({code, signal}))
  })
  try {
    const all = Promise.all([ended, text(child.stdout), text(child.stderr)])
    const [end, stdout, stderr] = await deadline(LIMIT_MS, all, `plugin-host ${args.join(' ')}`)
    return {...end, stdout, stderr}
  } finally {
    child.kill('SIGKILL')
  }
}
