import type {PluginError} from 'plugin-host/sdk'

export interface RetryFacts {
  /** 1 after the first attempt. */
  attempt: number
  max: number
  baseMs: number
  capMs: number
  /** Doing it twice does no harm. */
  repeatable: boolean
  /** The other system may have seen the request. */
  sent: boolean
  /** Until the deadline. */
  remainingMs: number
  /** 0 to 1. */
  random: number
}

/** Milliseconds to wait before the next attempt, or undefined when there shall be none. */
export function decideRetry(error: PluginError, facts: RetryFacts): number | undefined {
  const {attempt, max, baseMs, capMs, repeatable, sent, remainingMs, random} = facts
  if (!error.retryable || attempt > max || (sent && !repeatable)) return undefined
  const backoffMs = Math.min(capMs, baseMs * 2 ** (attempt - 1)) * (0.5 + random / 2)
  const waitMs = Math.round(Math.max(backoffMs, error.retryAfterMs ?? 0))
  // Sooner than asked for is useless, and so is an attempt without time for it.
  return waitMs > capMs || waitMs >= remainingMs ? undefined : waitMs
}
