import {type ExecuteParams, METHODS} from '../../runtime/protocol.ts'
import {delay} from '../clock.ts'
import {type ErrorCode, HostError, isHostError} from '../errors.ts'
import type {ExecuteRequest} from '../types.ts'
import type {ArtifactFiles} from './artifacts.ts'
import {decideRetry} from './decide-retry.ts'
import type {PreparedCall} from './prepare-call.ts'
import type {RunningExecution} from './running.ts'
import type {ExecutorParts} from './types.ts'
import {toWireError} from './wire-error.ts'

/** Refused before anything was sent, and not worth a wait: the caller is told at once. */
const REFUSED: readonly ErrorCode[] = [
  'PLUGIN_BUSY',
  'PLUGIN_DISABLED',
  'PLUGIN_PARKED',
  'PLUGIN_NOT_FOUND',
  'PLUGIN_PROTOCOL_MISMATCH',
  'HOST_STOPPING',
]
/** The plugin never saw the call either, but may soon be there again. */
const NOT_SENT: readonly ErrorCode[] = ['PLUGIN_NOT_RUNNING', 'PLUGIN_STOPPED', 'PLUGIN_START_FAILED']

/** What the attempts came to. `sent` tells whether the plugin may have seen any of them. */
export type CallResult =
  | {answered: true; result: unknown; version: string}
  | {answered: false; error: unknown; sent: boolean}

interface AttemptParts extends ExecutorParts {
  files: Pick<ArtifactFiles, 'discard'>
}

interface AttemptOptions {
  running: RunningExecution
  deadline: number
  parts: AttemptParts
  /** Whoever asks decides about another attempt. */
  once?: boolean
}

/** Calls the plugin, again where that is allowed and may help. Never rejects. */
export async function callAction(
  call: PreparedCall,
  request: ExecuteRequest,
  {running, deadline, parts, once = false}: AttemptOptions,
): Promise<CallResult> {
  const {signal} = running.controller
  const {execution, attempts: before} = running.execution
  const params: ExecuteParams = {
    execution,
    registration: call.registration.id,
    action: call.name,
    input: call.input,
    mode: call.mode,
    deadline,
    attempt: 1,
    idempotencyKey: request.idempotencyKey ?? execution,
    ...(request.trace && {trace: request.trace}),
  }
  const options = {
    signal,
    deadline,
    execution,
    action: call.name,
    ...(request.onProgress && {onProgress: request.onProgress}),
  }
  const callPlugin = call.fence === 'sealed' ? parts.callSealed : parts.callPlugin
  let sent = false
  for (let attempt = before + 1; ; attempt++) {
    if (signal.aborted) return {answered: false, error: signal.reason, sent}
    running.execution.attempts = attempt
    const startedAt = parts.clock.now()
    try {
      const sending = attempt === 1 ? params : {...params, attempt}
      const answer = await callPlugin(call.registration.plugin, METHODS.execute, sending, options)
      return {answered: true, ...answer}
    } catch (error) {
      sent ||= wasSent(error)
      const waitMs = once || signal.aborted ? undefined : decideWait(error, attempt, {call, deadline, parts})
      if (waitMs === undefined) return {answered: false, error, sent}
      const gaveUp = await delay(parts.clock, waitMs, signal).catch((reason: unknown) => ({reason}))
      if (gaveUp) return {answered: false, error: gaveUp.reason, sent}
      noteTry(running, {startedAt, error, call, parts})
      await discardAttempt(running, parts)
    }
  }
}

/** An attempt that is followed by another goes into the history. */
export function noteTry(
  {execution}: RunningExecution,
  {startedAt, error, call, parts}: {startedAt: number; error: unknown; call: PreparedCall; parts: ExecutorParts},
): void {
  const durationMs = Math.max(0, parts.clock.now() - startedAt)
  const told = parts.redactorFor(call.registration.id).json(toWireError(error))
  execution.tries = [...execution.tries, {startedAt, durationMs, version: call.active.version, error: told}]
}

/** What a failed attempt left would stand beside the same things of the next one. */
export async function discardAttempt(
  {execution}: RunningExecution,
  {store, files, onError}: AttemptParts,
): Promise<void> {
  try {
    await files.discard(execution.execution)
    if (execution.records > 0) await store.records.clear(execution.execution)
    execution.records = 0
    execution.artifacts = []
  } catch (error) {
    onError?.(error)
  }
}

/** The plugin never saw the call, and is not likely to soon. */
export function isRefusal(error: unknown): boolean {
  return error instanceof HostError && REFUSED.includes(error.code)
}

export function wasSent(error: unknown): boolean {
  if (!(error instanceof HostError)) return true
  return error.details.sent !== false && ![...REFUSED, ...NOT_SENT].includes(error.code)
}

/** Milliseconds until the next attempt, or undefined when there is to be none. */
export function decideWait(
  error: unknown,
  attempt: number,
  {call, deadline, parts}: {call: PreparedCall; deadline: number; parts: ExecutorParts},
): number | undefined {
  // What it lacks behind the seal it will lack again.
  if (call.fence === 'sealed') return undefined
  // Its time is over; waiting for the next attempt would be, too.
  if (isHostError(error, 'EXECUTION_TIMED_OUT') || isRefusal(error)) return undefined
  return decideRetry({
    attempt,
    error: toWireError(error),
    repeatable: call.repeatable,
    unsent: !wasSent(error),
    retry: call.registration.settings.retry ?? call.action.retry,
    retryMax: parts.config.retryMax,
    now: parts.clock.now(),
    deadline,
    random: (parts.random ?? Math.random)(),
  })
}
