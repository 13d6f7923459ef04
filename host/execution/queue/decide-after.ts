import {HostError, isHostError, PluginFailure} from '../../errors.ts'
import {type CallResult, isRefusal, wasSent} from '../call-action.ts'
import {decideRetry} from '../decide-retry.ts'
import type {PreparedCall} from '../prepare-call.ts'
import {toWireError} from '../wire-error.ts'

/** What becomes of an accepted execution after an attempt. */
export type After =
  /** It has come to something. */
  | {kind: 'end'}
  /** The plugin could not take it: it waits for its turn again, and nothing counts as tried. */
  | {kind: 'wait'}
  /** It failed and is tried again; milliseconds. */
  | {kind: 'retry'; waitMs: number}
  /** The server stops: the next one takes it up again. */
  | {kind: 'leave'}
  /** The server stops, and nobody knows what it came to. */
  | {kind: 'lose'}

export interface AfterAttempt {
  call: PreparedCall
  result: CallResult
  /** 1 for the first. */
  attempt: number
  stopping: boolean
  cancelled: boolean
  /** Milliseconds since it was accepted, and the longest it may wait for a plugin that cannot take it. */
  ageMs: number
  maxAgeMs: number
  retryMax: number
  /** 0 to 1. */
  random: number
}

/** Pure. */
export function decideAfter(after: AfterAttempt): After {
  const {call, result, stopping, cancelled, ageMs, maxAgeMs} = after
  if (result.answered) return {kind: 'end'}
  if (cancelled) {
    if (!stopping) return {kind: 'end'}
    return {kind: call.repeatable || !result.sent ? 'leave' : 'lose'}
  }
  const {error} = result
  const unsent = error instanceof HostError && !wasSent(error)
  if (unsent && isPassing(error)) return stopping ? {kind: 'leave'} : {kind: ageMs < maxAgeMs ? 'wait' : 'end'}
  const waitMs = decideWait(after, error)
  if (waitMs === undefined) return {kind: 'end'}
  return stopping ? {kind: 'leave'} : {kind: 'retry', waitMs}
}

/** It says nothing about the execution: the plugin is away or has enough to do. */
function isPassing(error: HostError): boolean {
  return error.code !== 'EXECUTION_TIMED_OUT' || error.details.sent === false || isRefusal(error)
}

function decideWait({call, attempt, retryMax, random}: AfterAttempt, error: unknown): number | undefined {
  // One whose time was over may be tried again where that does no harm: each attempt has its own time.
  const told = toWireError(error)
  const isOpen = error instanceof PluginFailure && error.data.category === 'unknown' && !call.repeatable
  if (isOpen || (isHostError(error, 'EXECUTION_TIMED_OUT') && !call.repeatable)) return undefined
  return decideRetry({
    attempt,
    error: told,
    repeatable: call.repeatable,
    unsent: error instanceof HostError && !wasSent(error),
    retry: call.registration.settings.retry ?? call.action.retry,
    retryMax,
    now: 0,
    deadline: Number.POSITIVE_INFINITY,
    random,
  })
}
