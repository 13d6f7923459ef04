import {HostError, isHostError, PluginFailure} from '../../errors.ts'
import {type CallResult, wasSent} from '../call-action.ts'
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
  call: Pick<PreparedCall, 'repeatable' | 'registration' | 'action'>
  result: CallResult
  /** 1 for the first. */
  attempt: number
  /** Why it was told to end, where it was. */
  givenUp: 'cancelled' | 'stopping' | undefined
  /** Milliseconds since it was accepted, and the longest it may wait for a plugin that cannot take it. */
  ageMs: number
  maxAgeMs: number
  retryMax: number
  /** 0 to 1. */
  random: number
}

/** Pure. */
export function decideAfter(after: AfterAttempt): After {
  const {call, result, givenUp, ageMs, maxAgeMs} = after
  if (result.answered || givenUp === 'cancelled') return {kind: 'end'}
  if (givenUp === 'stopping') return {kind: call.repeatable || !result.sent ? 'leave' : 'lose'}
  // It says nothing about the execution: the plugin is away or has enough to do.
  if (result.error instanceof HostError && !wasSent(result.error)) return {kind: ageMs < maxAgeMs ? 'wait' : 'end'}
  const waitMs = decideWait(after, result.error)
  return waitMs === undefined ? {kind: 'end'} : {kind: 'retry', waitMs}
}

function decideWait({call, attempt, retryMax, random}: AfterAttempt, error: unknown): number | undefined {
  // One that may have been done is only tried again where that does no harm, a time-out too: each attempt has its own time.
  const isOpen = error instanceof PluginFailure && error.data.category === 'unknown'
  if (!call.repeatable && (isOpen || isHostError(error, 'EXECUTION_TIMED_OUT'))) return undefined
  return decideRetry({
    attempt,
    error: toWireError(error),
    repeatable: call.repeatable,
    unsent: false,
    retry: call.registration.settings.retry ?? call.action.retry,
    retryMax,
    now: 0,
    deadline: Number.POSITIVE_INFINITY,
    random,
  })
}
