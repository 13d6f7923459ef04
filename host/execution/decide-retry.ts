import type {ErrorCategory, WireError} from '../../runtime/protocol.ts'
import type {ActionSettings} from '../manifest.ts'

const DEFAULT_ON: readonly ErrorCategory[] = ['network', 'rateLimit', 'unavailable']
const DEFAULT_BASE_MS = 250
const JITTER = 0.2

/** How an attempt failed, and what is known about the call. */
export interface FailedAttempt {
  /** 1 for the first. */
  attempt: number
  error: WireError
  /** Doing it again does no harm. */
  repeatable: boolean
  /** It certainly changed nothing: it was never sent. */
  unsent: boolean
  retry: ActionSettings['retry']
  /** Attempts after the first, when the manifest names none. */
  retryMax: number
  /** Milliseconds since 1970, both. */
  now: number
  deadline: number
  /** 0 to 1. */
  random: number
}

/** The wait before the next attempt in milliseconds, or undefined when there is to be none. */
export function decideRetry(failed: FailedAttempt): number | undefined {
  const {attempt, error, retry = {}} = failed
  const allowed =
    attempt <= (retry.max ?? failed.retryMax) &&
    error.retryable &&
    (retry.on ?? DEFAULT_ON).includes(error.category) &&
    (failed.repeatable || failed.unsent)
  if (!allowed) return undefined
  const backoffMs = (retry.baseMs ?? DEFAULT_BASE_MS) * 2 ** (attempt - 1) * (1 - JITTER + 2 * JITTER * failed.random)
  const waitMs = Math.max(backoffMs, error.retryAfterMs ?? 0)
  return failed.now + waitMs < failed.deadline ? waitMs : undefined
}
