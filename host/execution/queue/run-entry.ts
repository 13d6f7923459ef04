import {type Json, METHODS, type VerifyParams, type VerifyResult} from '../../../runtime/protocol.ts'
import {HostError} from '../../errors.ts'
import type {ExecuteRequest, Execution} from '../../types.ts'
import {createRedaction} from '../begin-execution.ts'
import {callAction, discardAttempt, noteTry, wasSent} from '../call-action.ts'
import {type ActionParts, endExecution, failInternally} from '../execute-action.ts'
import type {PreparedCall} from '../prepare-call.ts'
import type {RunningExecution} from '../running.ts'
import {settleCall, settleEnding} from '../settle-call.ts'
import {toWireError} from '../wire-error.ts'
import {type After, decideAfter} from './decide-after.ts'
import type {Entry} from './pending.ts'

export interface RunParts extends ActionParts {
  /** Writes that join the transaction of an end. */
  alongside: (ended: Execution) => void
  isStopping: () => boolean
}

/** What is to be done with the entry now. */
export type Ran = {kind: 'ended' | 'wait' | 'left'} | {kind: 'retry'; dueAt: number}

/** One attempt of an accepted execution. What it comes to is on the disk when it resolves. Never rejects. */
export async function runEntry(entry: Entry, call: PreparedCall, parts: RunParts): Promise<Ran> {
  const {clock, store, running: all} = parts
  const {execution, request, controller} = entry
  const running = describeRunning(entry, parts)
  const {attempts} = execution
  const started = clock.elapsed()
  const startedAt = clock.now()
  execution.status = 'running'
  execution.version = call.active.version
  execution.nextAttemptAt = null
  all.add(running)
  try {
    if (entry.started && !(await mayRunAgain(entry, call, parts))) {
      if (entry.started) return await lose(running, {started, request, parts})
    }
    if (execution.endedAt !== null) return {kind: 'ended'}
    if (!call.repeatable) {
      await store.writer.commit(() => {
        store.queue.markStarted(execution.execution)
        store.executions.save(execution, request.idempotencyKey)
      })
    }
    const deadline = clock.now() + call.timeoutMs
    const result = await callAction(call, request, {running, deadline, parts, once: true})
    const after = decideAfter({
      call,
      result,
      attempt: execution.attempts,
      stopping: parts.isStopping(),
      cancelled: controller.aborted,
      ageMs: clock.now() - execution.startedAt,
      maxAgeMs: parts.config.queueMaxAgeMs,
      retryMax: parts.config.retryMax,
      random: (parts.random ?? Math.random)(),
    })
    if (after.kind === 'lose') return await lose(running, {started, request, parts})
    if (after.kind !== 'end' && !result.answered) {
      const failed = {startedAt, error: result.error, call, attempts}
      return await putBack(running, after, failed, parts)
    }
    const redact = createRedaction(call, parts)
    const settled = await settleCall(call, result, {running, request, parts, redact}).catch((error: unknown) => {
      parts.onError?.(error)
      return failInternally(call)
    })
    await endExecution(running, settled, started, parts)
    return {kind: 'ended'}
  } catch (error) {
    // The store refused a write: what is there is tried again later.
    parts.onError?.(error)
    execution.status = 'queued'
    return {kind: 'wait'}
  } finally {
    all.remove(execution.execution)
  }
}

/** Ends one that cannot be run at all. */
export async function failEntry(entry: Entry, error: HostError, parts: RunParts): Promise<void> {
  const told = toWireError(error)
  const {version} = entry.execution
  const ending = {status: 'failed', output: null, message: told.message, error: told, version} as const
  const running = describeRunning(entry, parts)
  const settled = await settleEnding(ending, {running, request: entry.request, parts})
  await endExecution(running, settled, parts.clock.elapsed(), parts)
}

function describeRunning({execution, controller, request}: Entry, {alongside}: RunParts): RunningExecution {
  const {idempotencyKey} = request
  return {execution, controller, idempotencyKey, stored: Promise.resolve(), alongside}
}

async function putBack(
  running: RunningExecution,
  after: Extract<After, {kind: 'wait' | 'retry' | 'leave'}>,
  failed: {startedAt: number; error: unknown; call: PreparedCall; attempts: number},
  parts: RunParts,
): Promise<Ran> {
  const {clock, store} = parts
  const {execution, idempotencyKey} = running
  const {call, attempts} = failed
  const dueAt = after.kind === 'retry' ? clock.now() + after.waitMs : clock.now()
  if (after.kind === 'retry') {
    noteTry(running, {...failed, parts})
    await discardAttempt(running, parts)
    execution.status = 'retrying'
    execution.nextAttemptAt = dueAt
  } else {
    execution.status = 'queued'
    execution.attempts = attempts
  }
  // One that was never marked and only waits is on the disk as it is.
  if (after.kind === 'retry' || !call.repeatable) {
    await store.writer.commit(() => {
      store.queue.postpone(execution.execution, dueAt)
      store.executions.save(execution, idempotencyKey)
    })
  }
  if (after.kind === 'retry') return {kind: 'retry', dueAt}
  return {kind: after.kind === 'wait' ? 'wait' : 'left'}
}

/**
 * A server before this one ended after the plugin may have seen it. One that may be repeated is; of the others the plugin is
 * asked, where it can tell. One that was done is ended here.
 */
async function mayRunAgain(entry: Entry, call: PreparedCall, parts: RunParts): Promise<boolean> {
  const {execution} = entry
  const interrupted = new HostError('EXECUTION_INTERRUPTED', {action: call.name})
  if (call.repeatable) {
    entry.started = false
    noteTry(describeRunning(entry, parts), {startedAt: execution.startedAt, error: interrupted, call, parts})
    return true
  }
  const {done, output} = await askWhetherDone(entry, call, parts)
  if (done === 'unknown') return false
  entry.started = false
  if (done === 'no') return true
  const {version} = call.active
  const ending = {
    status: 'succeeded',
    output,
    message: 'Done before the server ended',
    error: null,
    version,
  } as const
  const running = describeRunning(entry, parts)
  const settled = await settleEnding(ending, {running, request: entry.request, parts})
  await endExecution(running, settled, parts.clock.elapsed(), parts)
  return false
}

/** Rejects while the plugin cannot be asked. */
async function askWhetherDone(
  {execution, controller}: Entry,
  call: PreparedCall,
  parts: RunParts,
): Promise<{done: VerifyResult['done']; output: Json}> {
  const deadline = parts.clock.now() + parts.config.verifyMs
  const {plugin, id: registration} = call.registration
  const params: VerifyParams = {
    execution: execution.execution,
    registration,
    action: call.name,
    input: call.input,
    deadline,
  }
  try {
    const options = {signal: controller.signal, deadline, execution: execution.execution, action: call.name}
    const {result} = await parts.callPlugin(plugin, METHODS.verify, params, options)
    const {done = 'unknown', output = null} = Object(result) as Partial<VerifyResult>
    const fits = output !== null && call.checks.output(output).length === 0
    return {
      done: ['yes', 'no'].includes(done) ? done : 'unknown',
      output: fits ? createRedaction(call, parts)(output) : null,
    }
  } catch (error) {
    if (error instanceof HostError && !wasSent(error) && error.code !== 'EXECUTION_TIMED_OUT') throw error
    return {done: 'unknown', output: null}
  }
}

/** Nobody knows what it came to. */
async function lose(
  running: RunningExecution,
  {started, request, parts}: {started: number; request: ExecuteRequest; parts: RunParts},
): Promise<Ran> {
  const {action, version} = running.execution
  const error = {...toWireError(new HostError('EXECUTION_INTERRUPTED', {action})), category: 'unknown' as const}
  const ending = {status: 'unknown', output: null, message: error.message, error, version} as const
  await endExecution(running, await settleEnding(ending, {running, request, parts}), started, parts)
  return {kind: 'ended'}
}
