import {createHash} from 'node:crypto'
import {nextRun, type Timing} from './next-run.ts'

/** Something that runs at its times, as far as it is known when. */
export interface Planned extends Timing {
  id: string
  catchUp: 'one' | 'none'
  /** Milliseconds. */
  jitterMs: number
  /** The planned time of the next run, before jitter; null when that is not known yet. */
  nextAt: number | null
  /** The planned time of the last one. */
  plannedAt: number | null
}

/**
 * wait: nothing is due before `dueAt`. run: the run planned for `plannedAt` is due, and stands for all that were missed
 * since. missed: likewise, but it is too late for it.
 */
export type Due =
  | {kind: 'wait'; nextAt: number | null; dueAt: number | null}
  | {kind: 'run' | 'missed'; plannedAt: number; nextAt: number | null}

/** A run that comes later than this was missed: the server was off, or the machine slept. Milliseconds. */
export const LATE_MS = 120_000
/** A last run further ahead than this is no clock that was set right by a little, but one that was wrong. Milliseconds. */
const WRONG_CLOCK_MS = 86_400_000

/** What is to be done at `now`. Also right when the clock was set in between. */
export function decideDue(planned: Planned, now: number): Due {
  const following = nextRun(planned.cron, planned.timeZone, now)
  const nextAt = choosePlan(planned, following, now)
  if (nextAt === null) return {kind: 'wait', nextAt, dueAt: null}
  const dueAt = nextAt + jitterOf(planned, nextAt)
  if (dueAt > now) return {kind: 'wait', nextAt, dueAt}
  const isMissed = planned.catchUp === 'none' && now - dueAt > LATE_MS
  return {kind: isMissed ? 'missed' : 'run', plannedAt: nextAt, nextAt: following}
}

/** The plan that was made stands, unless the clock was set back so far that an earlier time is still to come. */
function choosePlan({nextAt, plannedAt}: Planned, following: number | null, now: number): number | null {
  if (nextAt === null || following === null || following >= nextAt) return nextAt ?? following
  const isNew = plannedAt === null || following > plannedAt || plannedAt - now > WRONG_CLOCK_MS
  return isNew ? following : nextAt
}

/** The wait before a run, 0 to `jitterMs`: random among schedules and times, and the same after a restart. */
export function jitterOf({id, jitterMs}: {id: string; jitterMs: number}, at: number): number {
  if (jitterMs === 0) return 0
  const share = createHash('sha256').update(`${id}\n${at}`).digest().readUInt32BE() / 2 ** 32
  return Math.floor(share * (jitterMs + 1))
}
