import type {Config} from '../config.ts'

/** How a new version has done since it took over. */
export interface ProbationRecord {
  since: number
  calls: number
  failed: number
  crashes: number
}

/** Crashes within the probation that take a new version back: one may be chance, two are a pattern. */
const CRASH_LOOP = 2

/** True when the version before is to be taken back: it crash-loops, or over the given share of enough calls fail. */
export function decideRollback(record: ProbationRecord, now: number, policy: Config['swap']): boolean {
  if (now - record.since > policy.probationMs) return false
  if (record.crashes >= CRASH_LOOP) return true
  return record.calls >= policy.minCalls && record.failed > record.calls * policy.failedShare
}
