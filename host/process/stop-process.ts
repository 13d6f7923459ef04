import type {ChildProcess} from 'node:child_process'
import {METHODS} from '../../runtime/protocol.ts'
import {type Clock, delay} from '../clock.ts'
import type {ProcessExit} from '../types.ts'
import type {Calls} from './call.ts'
import type {Death} from './death.ts'
import {killGroup} from './launch.ts'

/** Between the end of stdin, at which a sound plugin exits by itself, and SIGTERM. */
const STDIN_END_MS = 1000

/** The ladder: finish calls, `shutdown`, stdin end, SIGTERM, SIGKILL of the whole group. Times in milliseconds. */
export async function stopProcess(
  child: ChildProcess,
  calls: Calls,
  death: Death,
  {clock, drainMs, terminateMs}: {clock: Clock; drainMs: number; terminateMs: number},
): Promise<ProcessExit> {
  const gone = death.exited.then(() => true)
  const within = (ms: number): Promise<boolean> => Promise.race([gone, delay(clock, ms).then(() => false)])
  const started = clock.elapsed()
  await Promise.race([gone, calls.drain(drainMs)])
  const graceMs = Math.max(STDIN_END_MS, drainMs - (clock.elapsed() - started))
  const answered = calls.call(METHODS.shutdown, {graceMs}).then(
    () => true,
    () => true,
  )
  await Promise.race([gone, answered, delay(clock, graceMs)])
  death.expect('stopped')
  child.stdin?.end()
  if (await within(STDIN_END_MS)) return death.exited
  if (child.pid !== undefined) killGroup(child.pid, 'SIGTERM')
  if (await within(terminateMs)) return death.exited
  death.end('stopped', 'it ignored SIGTERM')
  return death.exited
}
