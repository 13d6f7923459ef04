import type {ExitReason, ProcessExit} from '../types.ts'

const WORDS: {[R in ExitReason]: string} = {
  stopped: 'it was stopped',
  crashed: 'it crashed',
  startFailed: 'it ended before it was ready',
  startTimeout: 'it was not ready in time',
  versionMismatch: 'it speaks another protocol version',
  protocolError: 'it broke the protocol',
  memory: 'it used too much memory',
  unresponsive: 'it did not answer pings',
  writeStuck: 'it did not read what was sent to it',
  cancelIgnored: 'it went on with a call that was cancelled',
}

/** An exit in words: why, how it ended, and the line of stderr that tells most. */
export function diagnoseExit(
  reason: ExitReason,
  detail: string,
  code: number | null,
  signal: string | null,
  stderr: readonly string[],
  at: number,
): ProcessExit {
  const ended = signal ? `signal ${signal}` : code === null ? 'no exit code' : `exit code ${code}`
  const cause = reason === 'crashed' || reason === 'startFailed' ? findCause(stderr) : ''
  const message = [WORDS[reason], detail, ended, cause].filter(part => part !== '').join('; ')
  return {reason, message, code, signal, stderr: [...stderr], at}
}

/** Node prints the error below the source line and its marker; the first line that names an error tells most. */
export function findCause(stderr: readonly string[]): string {
  const outOfMemory = stderr.find(line => line.includes('JavaScript heap out of memory'))
  const named = outOfMemory ?? stderr.findLast(line => /^(\w*(Error|Exception)\b.*|.*\bpanic\b.*)/.test(line))
  return (named ?? stderr.findLast(line => line.trim() !== '') ?? '').slice(0, 500)
}
