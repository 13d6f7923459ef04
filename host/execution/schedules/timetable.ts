import type {Clock} from '../../clock.ts'
import {type Due, decideDue, type Planned} from './decide-due.ts'

/** Longest time between two looks: the machine may have slept, or its clock been set. Milliseconds. */
const LOOK_MS = 60_000

export interface TimetableParts<Entry extends Planned> {
  clock: Clock
  /** What is switched on. */
  list(): Entry[]
  /** Must note the new plan of the entry, which is due until then. A failure is tried again at a later look. */
  run(entry: Entry, due: Extract<Due, {kind: 'run' | 'missed'}>): Promise<void>
  /** The next time has become known, or the clock was set back before the one that was. */
  plan(entry: Entry, nextAt: number | null): void
  /** At each look, before anything else. */
  onLook?: () => void
  onError(error: unknown): void
}

/** Runs things at their times. */
export interface Timetable {
  /** Looks now, then whenever something falls due. */
  start(): void
  /** Something was added or changed. */
  look(): void
  /** Resolves when what it has begun is done. Idempotent. */
  stop(): Promise<void>
}

export function createTimetable<Entry extends Planned>(parts: TimetableParts<Entry>): Timetable {
  const {clock, onError} = parts
  const running = new Map<string, Promise<void>>()
  const heldUntil = new Map<string, number>()
  let cancel: (() => void) | undefined
  let isStarted = false

  function look(): void {
    if (!isStarted) return
    cancel?.()
    let wait = LOOK_MS
    try {
      parts.onLook?.()
      const now = clock.now()
      for (const entry of parts.list()) wait = Math.min(wait, lookAt(entry, now))
    } catch (error) {
      onError(error)
    }
    cancel = clock.after(wait, look)
  }

  /** Returns how long nothing is to be done for it. */
  function lookAt(entry: Entry, now: number): number {
    if (running.has(entry.id)) return LOOK_MS
    const held = (heldUntil.get(entry.id) ?? 0) - clock.elapsed()
    if (held > 0) return held
    const due = decideDue(entry, now)
    if (due.kind !== 'wait') {
      run(entry, due)
      return LOOK_MS
    }
    if (due.nextAt !== entry.nextAt) parts.plan(entry, due.nextAt)
    return due.dueAt === null ? LOOK_MS : due.dueAt - now
  }

  function run(entry: Entry, due: Extract<Due, {kind: 'run' | 'missed'}>): void {
    heldUntil.delete(entry.id)
    const done = parts
      .run(entry, due)
      .catch(error => {
        heldUntil.set(entry.id, clock.elapsed() + LOOK_MS)
        onError(error)
      })
      .finally(() => {
        running.delete(entry.id)
        look()
      })
    running.set(entry.id, done)
  }

  return {
    start() {
      isStarted = true
      look()
    },
    look,
    async stop() {
      isStarted = false
      cancel?.()
      await Promise.all(running.values())
    },
  }
}
