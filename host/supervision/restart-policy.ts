import type {Config} from '../config.ts'
import type {ExitReason} from '../types.ts'

export type RestartPolicy = Config['restart']

/** What is remembered of a plugin's crashes; replaced, never changed. Times in milliseconds. */
export interface CrashHistory {
  /** When the recent crashes were, oldest first. */
  crashes: readonly number[]
  /** Restarts in a row without a healthy stretch: the exponent of the wait. */
  attempt: number
  /** Probes made while parked. */
  probes: number
}

export const NO_CRASHES: CrashHistory = {crashes: [], attempt: 0, probes: 0}

export type Decision =
  | {action: 'restart'; afterMs: number; history: CrashHistory}
  | {action: 'park'; afterMs: number; history: CrashHistory}

/** Reasons a later try of the same version cannot change. */
const HOPELESS: readonly ExitReason[] = ['versionMismatch']

/**
 * What to do after a crash at `now` of a process that was healthy for `healthyMs`. `random` is 0 to 1.
 * Wait = min(cap, base x 2^attempt) -+ jitter; parked after parkCrashes within parkWindow; a parked one is probed ever more rarely.
 */
export function decideRestart(
  history: CrashHistory,
  crash: {now: number; healthyMs: number; reason: ExitReason},
  policy: RestartPolicy,
  random: number,
): Decision {
  const settled = crash.healthyMs >= policy.resetMs ? NO_CRASHES : history
  const crashes = [...settled.crashes.filter(at => crash.now - at < policy.parkWindowMs), crash.now]
  const park = settled.probes > 0 || crashes.length >= policy.parkCrashes || HOPELESS.includes(crash.reason)
  if (park) {
    const waits = policy.probeMs
    const afterMs = waits[Math.min(settled.probes, waits.length - 1)] ?? policy.capMs
    return {action: 'park', afterMs, history: {crashes, attempt: settled.attempt, probes: settled.probes + 1}}
  }
  const waitMs = Math.min(policy.capMs, policy.baseMs * 2 ** settled.attempt)
  const afterMs = Math.round(waitMs * (1 + policy.jitter * (2 * random - 1)))
  return {action: 'restart', afterMs, history: {crashes, attempt: settled.attempt + 1, probes: 0}}
}

/** Restarts of all plugins together, so that fifty crashing at once do not melt the machine. */
export interface RestartBucket {
  tokens: number
  at: number
}

/** When the next restart may be, and the bucket after it was taken. */
export function takeRestart(
  bucket: RestartBucket,
  now: number,
  perSecond: number,
): {waitMs: number; bucket: RestartBucket} {
  const tokens = Math.min(perSecond, bucket.tokens + ((now - bucket.at) * perSecond) / 1000) - 1
  const waitMs = tokens >= 0 ? 0 : Math.ceil((-tokens * 1000) / perSecond)
  return {waitMs, bucket: {tokens, at: now}}
}
