import {HostError} from '../../errors.ts'
import type {Execution} from '../../types.ts'
import {type ActionParts, endExecution} from '../execute-action.ts'
import type {RunningExecution} from '../running.ts'
import {type Ending, settleEnding} from '../settle-call.ts'
import {toWireError} from '../wire-error.ts'
import type {Entry} from './lane.ts'

export interface EndParts extends ActionParts {
  /** Writes that join the transaction of an end. */
  alongside: (ended: Execution) => void
}

export function describeRunning({execution, controller, request}: Entry, {alongside}: EndParts): RunningExecution {
  const {idempotencyKey} = request
  return {execution, controller, idempotencyKey, stored: Promise.resolve(), alongside}
}

/** Nobody knows what it came to. */
export function describeLost({action, version}: Execution): Ending {
  const told = toWireError(new HostError('EXECUTION_INTERRUPTED', {action}))
  const error = {...told, category: 'unknown' as const}
  return {status: 'unknown', output: null, message: error.message, error, version}
}

/** Ends one that cannot be run at all. */
export async function endEntry(entry: Entry, error: HostError, parts: EndParts): Promise<void> {
  const told = toWireError(error)
  const {execution, request} = entry
  const ending: Ending = entry.started
    ? describeLost(execution)
    : {status: 'failed', output: null, message: told.message, error: told, version: execution.version}
  const running = describeRunning(entry, parts)
  await endExecution(running, await settleEnding(ending, {running, request, parts}), parts.clock.elapsed(), parts)
}

/** Ends one that waits, at once. Throws HOST_STORE_FAILED, and then it waits on. */
export function cancelEntry({execution, request, started}: Entry, parts: EndParts): void {
  const error = toWireError(new HostError('EXECUTION_CANCELLED', {action: execution.action}))
  const {status, ...ending}: Ending = started
    ? describeLost(execution)
    : {status: 'cancelled', output: null, message: error.message, error, version: execution.version}
  const ended: Execution = {...execution, ...ending, status, endedAt: parts.clock.now(), nextAttemptAt: null}
  parts.store.commitNow(() => {
    parts.store.executions.save(ended, request.idempotencyKey)
    parts.alongside(ended)
  })
  Object.assign(execution, ended)
  parts.onFinished?.(execution)
}
