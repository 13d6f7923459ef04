import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import type {Writable} from 'node:stream'
import {eventually} from './deadline.ts'
import {ROOT} from './fixture-process.ts'

/** `plugin-host <args>` while it runs. */
export interface RunningCommand {
  stdin: Writable
  stdout(): string
  stderr(): string
  /** Waits until the stream shows the pattern; the match. */
  sees(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray>
  kill(signal: NodeJS.Signals): void
  /** Exit code, or the signal's name. */
  ended: Promise<number | string | null>
}

const SEEN_MS = 30_000

/** Runs beside a command; one that is still there at the end is stopped as Ctrl-C would. */
export async function withCommandLine<T>(
  args: readonly string[],
  {cwd, env}: {cwd: string; env?: NodeJS.ProcessEnv},
  run: (command: RunningCommand) => Promise<T>,
): Promise<T> {
  const child = spawn(process.execPath, [join(ROOT, 'bin/main.ts'), ...args], {cwd, env: {...process.env, ...env}})
  const written = {stdout: '', stderr: ''}
  for (const name of ['stdout', 'stderr'] as const) child[name].on('data', chunk => (written[name] += chunk))
  child.stdin.on('error', () => {})
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string | null)
  try {
    return await run({
      stdin: child.stdin,
      stdout: () => written.stdout,
      stderr: () => written.stderr,
      sees: (stream, pattern) =>
        eventually(SEEN_MS, () => pattern.exec(written[stream]), `${pattern} in ${stream}`).catch(error => {
          throw new Error(`${error.message}\n${written.stdout}\n${written.stderr}`)
        }),
      kill: signal => void child.kill(signal),
      ended,
    })
  } finally {
    child.kill('SIGINT')
    await ended
  }
}
