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
    const held = (heldUntil.get(entry.id) ?? now) - now
    if (running.has(entry.id) || held > 0) return Math.max(held, 1)
    const due = decideDue(entry, now)
    if (due.kind === 'wait') return due.dueAt === null ? LOOK_MS : due.dueAt - now
    run(entry, due)
    return LOOK_MS
  }

  function run(entry: Entry, due: Extract<Due, {kind: 'run' | 'missed'}>): void {
    heldUntil.delete(entry.id)
    const done = parts
      .run(entry, due)
      .catch(error => {
        heldUntil.set(entry.id, clock.now() + LOOK_MS)
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
