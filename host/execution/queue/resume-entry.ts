import {HostError} from '../../errors.ts'
import {createRedaction} from '../begin-execution.ts'
import {noteTry, wasSent} from '../call-action.ts'
import type {PreparedCall} from '../prepare-call.ts'
import type {RunningExecution} from '../running.ts'
import type {Ending} from '../settle-call.ts'
import {askWhetherDone, type Verified} from '../verify-action.ts'
import {describeLost, type EndParts} from './end-entry.ts'
import type {Entry} from './lane.ts'

/**
 * A server before this one ended after the plugin may have seen it. One that may be repeated is; of the others the plugin is asked,
 * where it can tell. `later`: it cannot be asked now.
 */
export async function resumeEntry(
  entry: Entry,
  {call, running, parts}: {call: PreparedCall; running: RunningExecution; parts: EndParts},
): Promise<Ending | 'run' | 'later'> {
  const {execution} = entry
  const interrupted = new HostError('EXECUTION_INTERRUPTED', {action: call.name})
  const verified = call.repeatable ? 'no' : await ask(entry, call, parts)
  if (verified === 'later') return 'later'
  if (verified === 'no') {
    entry.started = false
    noteTry(running, {startedAt: execution.startedAt, error: interrupted, call, parts})
    return 'run'
  }
  if (verified.done !== 'yes') return describeLost(execution)
  const redact = createRedaction(call, parts)
  const message = redact(verified.message ?? 'Done before the server ended')
  return {status: 'succeeded', output: redact(verified.output), message, error: null, version: call.active.version}
}

async function ask(entry: Entry, call: PreparedCall, parts: EndParts): Promise<Verified | 'no' | 'later'> {
  const {execution, controller} = entry
  try {
    const verified = await askWhetherDone(call, {execution: execution.execution, signal: controller.signal}, parts)
    return verified.done === 'no' ? 'no' : verified
  } catch (error) {
    const isAway = error instanceof HostError && !wasSent(error) && !controller.aborted
    const isYoung = parts.clock.now() - execution.startedAt < parts.config.queueMaxAgeMs
    return isAway && isYoung ? 'later' : {done: 'unknown'}
  }
}
