import type {Config} from '../config.ts'
import type {LaunchSpec} from '../process/types.ts'

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

/** A new version being watched, and the one to go back to. Each `record*` says whether to go back now. */
export class Probation {
  readonly previous: LaunchSpec
  readonly #policy: Config['swap']
  readonly #record: ProbationRecord

  constructor(previous: LaunchSpec, since: number, policy: Config['swap']) {
    this.previous = previous
    this.#policy = policy
    this.#record = {since, calls: 0, failed: 0, crashes: 0}
  }

  recordCall(ok: boolean, now: number): boolean {
    this.#record.calls++
    if (ok) return false
    this.#record.failed++
    return decideRollback(this.#record, now, this.#policy)
  }

  recordCrash(now: number): boolean {
    this.#record.crashes++
    return decideRollback(this.#record, now, this.#policy)
  }

  isOver(now: number): boolean {
    return now - this.#record.since > this.#policy.probationMs
  }

  get summary(): string {
    return `${this.#record.failed} of its first ${this.#record.calls} calls failed`
  }
}
