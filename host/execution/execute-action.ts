import {CallController, type CallSignal} from '../call-signal.ts'
import {HostError, isHostError} from '../errors.ts'
import type {ExecuteRequest, Execution, Outcome} from '../types.ts'
import type {ArtifactFiles} from './artifacts.ts'
import {createRedaction, describeExecution} from './begin-execution.ts'
import {type CallResult, callAction} from './call-action.ts'
import {describeLimits, type Limits} from './limits.ts'
import type {PreparedCall} from './prepare-call.ts'
import {recordEnd} from './record-end.ts'
import {type RunningExecution, type RunningExecutions, storeRunning} from './running.ts'
import {type Settled, settleCall} from './settle-call.ts'
import type {ExecutorParts} from './types.ts'
import {toWireError} from './wire-error.ts'

export interface ActionParts extends ExecutorParts {
  running: RunningExecutions
  files: Pick<ArtifactFiles, 'close' | 'discard'>
  createId: () => string
  limits: Limits
}

/** One execution from a prepared call to its recorded outcome. Rejects with HostError only when nothing was ever sent. */
export async function executeAction(call: PreparedCall, request: ExecuteRequest, parts: ActionParts): Promise<Outcome> {
  const {clock, running: all, store} = parts
  const redact = createRedaction(call, parts)
  const fresh = {id: parts.createId(), now: clock.now(), durable: false, redact}
  const execution = describeExecution(call, request, fresh)
  const {idempotencyKey} = request
  const controller = new CallController()
  const running: RunningExecution = {execution, controller, idempotencyKey}
  const onAbort = (): void => controller.abort(new HostError('EXECUTION_CANCELLED', {action: call.name}))
  if (request.signal?.aborted) onAbort()
  else request.signal?.addEventListener('abort', onAbort, {once: true})
  const started = clock.elapsed()
  all.add(running)
  try {
    // With a key it must be known before it runs: the same key after a crash must not run it again.
    if (idempotencyKey !== undefined) await storeRunning(running, store)
    const deadline = clock.now() + call.timeoutMs
    const result = await withinLimits(call, {running, deadline, parts}, () =>
      callAction(call, request, {running, deadline, parts}),
    )
    if (isRefused(result, controller.signal)) return await refuse(running, result.error, parts)
    const settled = await settleCall(call, result, {running, request, parts, redact}).catch((error: unknown) => {
      parts.onError?.(error)
      return failInternally(call)
    })
    return await endExecution(running, settled, started, parts)
  } finally {
    request.signal?.removeEventListener('abort', onAbort)
    all.remove(execution.execution)
  }
}

/** Waits for its turn within the deadline; what waited in vain was never sent. */
async function withinLimits(
  call: PreparedCall,
  {running, deadline, parts}: {running: RunningExecution; deadline: number; parts: ActionParts},
  run: () => Promise<CallResult>,
): Promise<CallResult> {
  const wanted = describeLimits(call)
  if (wanted === undefined) return run()
  try {
    const leave = await parts.limits.enter(wanted, {deadline, signal: running.controller.signal, action: call.name})
    return await run().finally(leave)
  } catch (error) {
    return {answered: false, error, sent: false}
  }
}

/** No attempt reached the plugin, and its caller still waits to be told why. */
function isRefused(result: CallResult, signal: CallSignal): result is CallResult & {error: HostError} {
  if (result.answered || result.sent || signal.aborted) return false
  return isHostError(result.error) && result.error.code !== 'EXECUTION_TIMED_OUT'
}

export function failInternally({active}: PreparedCall): Settled {
  const error = toWireError(new HostError('HOST_INTERNAL'))
  const ending = {status: 'failed', output: null, message: error.message, error, version: active.version} as const
  return {ending, effects: null}
}

/** Records what it came to, with the changes it makes; tells who counts. */
export async function endExecution(
  running: RunningExecution,
  settled: Settled,
  started: number,
  parts: Pick<ActionParts, 'clock' | 'store' | 'files' | 'onFinished' | 'onError'>,
): Promise<Outcome> {
  const {clock, files, onFinished, onError} = parts
  const {execution} = running
  const durationMs = Math.round((clock.elapsed() - started) * 1000) / 1000
  await files.close(execution.execution).catch((error: unknown) => onError?.(error))
  const ended = {...execution, ...settled.ending, durationMs, endedAt: clock.now()}
  // Told as ended only when its end is recorded: a reader would take effects still to come for none.
  Object.assign(execution, await recordEnd(ended, settled.effects, {running, parts}))
  onFinished?.(execution)
  return describeOutcome(execution)
}

/** Nothing ran: no trace is left, so that the same key may be used again. */
async function refuse(running: RunningExecution, error: HostError, {store, onError}: ActionParts): Promise<never> {
  if (running.stored !== undefined)
    await store.executions.remove(running.execution.execution).catch(fault => onError?.(fault))
  throw error
}

export function describeOutcome(execution: Execution): Outcome {
  const {status, output, effects, message, error, attempts, durationMs, fence} = execution
  // A stored row that still says `running` is of a server that ended in between.
  const ended = status === 'running' || status === 'queued' || status === 'retrying' ? 'unknown' : status
  return {execution: execution.execution, status: ended, output, effects, message, error, attempts, durationMs, fence}
}
