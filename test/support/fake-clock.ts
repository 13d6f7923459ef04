import type {Clock} from '../../host/clock.ts'

/** Time that passes only when told to. */
export interface FakeClock extends Clock {
  /** Lets time pass and runs what falls due, in order. */
  advance(ms: number): void
  readonly timers: number
}

export function createFakeClock(now = 1_800_000_000_000): FakeClock {
  const start = now
  const timers = new Set<{at: number; run: () => void}>()
  return {
    now: () => now,
    elapsed: () => now - start,
    after(ms, run) {
      const timer = {at: now + ms, run}
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance(ms) {
      const end = now + ms
      for (;;) {
        const due = [...timers].filter(timer => timer.at <= end).sort((one, other) => one.at - other.at)[0]
        if (!due) break
        timers.delete(due)
        now = Math.max(now, due.at)
        due.run()
      }
      now = end
    },
    get timers() {
      return timers.size
    },
  }
}
