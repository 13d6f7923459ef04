import {isHostError} from '../../errors.ts'
import {createRedaction} from '../begin-execution.ts'
import {type CallResult, callAction, discardAttempt, noteTry} from '../call-action.ts'
import {endExecution, failInternally} from '../execute-action.ts'
import type {PreparedCall} from '../prepare-call.ts'
import type {RunningExecution} from '../running.ts'
import {type Settled, settleCall, settleEnding} from '../settle-call.ts'
import {type After, decideAfter} from './decide-after.ts'
import {describeLost, describeRunning, type EndParts} from './end-entry.ts'
import type {Entry} from './lane.ts'
import {resumeEntry} from './resume-entry.ts'

/** What is to be done with the entry now. */
export type Ran = {kind: 'ended' | 'wait' | 'left'} | {kind: 'retry'; dueAt: number}

interface Attempt {
  running: RunningExecution
  call: PreparedCall
  parts: EndParts
  /** Before this one. */
  attempts: number
  /** Milliseconds since 1970. */
  startedAt: number
}

/** One attempt of an accepted execution. What it comes to is on the disk when it resolves. Never rejects. */
export async function runEntry(entry: Entry, call: PreparedCall, parts: EndParts): Promise<Ran> {
  const {clock, running: all} = parts
  const {execution, request} = entry
  const running = describeRunning(entry, parts)
  const started = clock.elapsed()
  const before = execution.status
  execution.status = 'running'
  execution.nextAttemptAt = null
  all.add(running)
  try {
    const resumed = entry.started ? await resumeEntry(entry, {call, running, parts}) : 'run'
    if (resumed === 'later') {
      execution.status = before
      return {kind: 'wait'}
    }
    const attempt = {running, call, parts, attempts: execution.attempts, startedAt: clock.now()}
    const settled =
      resumed === 'run' ? await makeAttempt(entry, attempt) : await settleEnding(resumed, {running, request, parts})
    if ('kind' in settled) return settled
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

/** What it came to, or what is to be done with it now that it has not come to anything. */
async function makeAttempt(entry: Entry, attempt: Attempt): Promise<Settled | Ran> {
  const {execution, request, controller} = entry
  const {running, call, parts, attempts} = attempt
  const {clock, store, config} = parts
  if (entry.isLeft) await clearLeft(entry, parts)
  execution.version = call.active.version
  if (!call.repeatable) {
    await store.writer.commit(() => {
      store.queue.markStarted(execution.execution)
      store.executions.save({...execution, attempts: attempts + 1}, request.idempotencyKey)
    })
    // Whatever goes wrong from here on, it is not simply called again.
    entry.started = true
  }
  const deadline = clock.now() + call.timeoutMs
  const result = await callAction(call, request, {running, deadline, parts, once: true})
  const after = decideAfter({
    call,
    result,
    attempt: execution.attempts,
    givenUp: controller.aborted ? findReason(controller.reason) : undefined,
    ageMs: clock.now() - execution.startedAt,
    maxAgeMs: config.queueMaxAgeMs,
    retryMax: config.retryMax,
    random: (parts.random ?? Math.random)(),
  })
  if (after.kind === 'lose') return settleEnding(describeLost(execution), {running, request, parts})
  if (after.kind !== 'end') {
    const ran = await putBack(after, result, attempt)
    entry.started = false
    return ran
  }
  const redact = createRedaction(call, parts)
  return settleCall(call, result, {running, request, parts, redact}).catch((error: unknown) => {
    parts.onError?.(error)
    return failInternally(call)
  })
}

/** Records and files of an attempt of the server before would stand beside the same ones of the next. */
async function clearLeft(entry: Entry, {store, files}: EndParts): Promise<void> {
  const {execution} = entry
  await store.records.clear(execution.execution)
  await files.discard(execution.execution, {isLeft: true})
  execution.records = 0
  execution.artifacts = []
  entry.isLeft = false
}

function findReason(reason: unknown): 'cancelled' | 'stopping' {
  return isHostError(reason, 'EXECUTION_CANCELLED') && reason.details.stopping === true ? 'stopping' : 'cancelled'
}

async function putBack(
  after: Extract<After, {kind: 'wait' | 'retry' | 'leave'}>,
  result: CallResult,
  {running, call, parts, attempts, startedAt}: Attempt,
): Promise<Ran> {
  const {clock, store} = parts
  const {execution, idempotencyKey} = running
  const dueAt = after.kind === 'retry' ? clock.now() + after.waitMs : clock.now()
  if (after.kind === 'retry') {
    const error = result.answered ? undefined : result.error
    noteTry(running, {startedAt, error, call, parts})
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
