import {CallController, type CallSignal} from '../call-signal.ts'
import {HostError, isHostError} from '../errors.ts'
import {createRedactor} from '../registry/redact.ts'
import {listSecrets, maskSecrets} from '../registry/secret-fields.ts'
import type {ExecuteRequest, Execution, Outcome} from '../types.ts'
import type {ArtifactFiles} from './artifacts.ts'
import {type CallResult, callAction} from './call-action.ts'
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
}

/** One execution from a prepared call to its recorded outcome. Rejects with HostError only when nothing was ever sent. */
export async function executeAction(call: PreparedCall, request: ExecuteRequest, parts: ActionParts): Promise<Outcome> {
  const {clock, running: all, store} = parts
  const redact = createRedaction(call, parts)
  const running = beginExecution(call, request, {parts, redact})
  const {controller, execution, idempotencyKey} = running
  const onAbort = (): void => controller.abort(new HostError('EXECUTION_CANCELLED', {action: call.name}))
  if (request.signal?.aborted) onAbort()
  else request.signal?.addEventListener('abort', onAbort, {once: true})
  const started = clock.elapsed()
  all.add(running)
  try {
    // With a key it must be known before it runs: the same key after a crash must not run it again.
    if (idempotencyKey !== undefined) await storeRunning(running, store)
    const deadline = clock.now() + call.timeoutMs
    const result = await callAction(call, request, {running, deadline, parts})
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

/** No attempt reached the plugin, and its caller still waits to be told why. */
function isRefused(result: CallResult, signal: CallSignal): result is CallResult & {error: HostError} {
  if (result.answered || result.sent || signal.aborted) return false
  return isHostError(result.error) && result.error.code !== 'EXECUTION_TIMED_OUT'
}

function failInternally({active}: PreparedCall): Settled {
  const error = toWireError(new HostError('HOST_INTERNAL'))
  const ending = {status: 'failed', output: null, message: error.message, error, version: active.version} as const
  return {ending, effects: null}
}

function beginExecution(
  call: PreparedCall,
  request: ExecuteRequest,
  {parts, redact}: {parts: ActionParts; redact: <T>(value: T) => T},
): RunningExecution {
  const execution: Execution = {
    execution: parts.createId(),
    status: 'running',
    registration: call.registration.id,
    plugin: call.registration.plugin,
    version: call.active.version,
    action: call.name,
    mode: call.mode,
    by: request.by ?? 'host',
    input: redact(call.checks.hasSecrets ? maskSecrets(call.action.input, call.input) : call.input),
    output: null,
    effects: [],
    message: '',
    error: null,
    attempts: 0,
    startedAt: parts.clock.now(),
    endedAt: null,
    durationMs: 0,
    records: 0,
    artifacts: [],
    durable: false,
    record: request.record ?? null,
    mapping: request.mapping ?? null,
    origin: request.origin ?? null,
    fence: call.fence,
    tries: [],
    nextAttemptAt: null,
  }
  return {execution, controller: new CallController(), idempotencyKey: request.idempotencyKey}
}

/** Secrets of the configuration, and those that this input brought. */
function createRedaction({checks, action, input, registration}: PreparedCall, parts: ActionParts): <T>(value: T) => T {
  const configured = parts.redactorFor(registration.id)
  if (!checks.hasSecrets) return configured.json
  const given = createRedactor(listSecrets(action.input, input))
  return value => given.json(configured.json(value))
}

async function endExecution(
  running: RunningExecution,
  settled: Settled,
  started: number,
  parts: ActionParts,
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
