import type {Clock} from './api.ts'

/** Ends what takes too long, looking a few times within the limit: one timer for all, as one for each request would cost more than reading it. */
export interface BodyTimer {
  /** Watches until `delete`; calls `expire` once the limit has passed. */
  add(entry: Timed): void
  delete(entry: Timed): void
  stop(): void
}

export interface Timed {
  /** Set by the timer: the look after which the time is over. */
  lastLook: number
  expire(): void
}

const LOOKS = 4

/** `timeoutMs` is kept to a quarter: nothing is ended early, and all of it at the next look. */
export function startBodyTimer(timeoutMs: number, clock: Clock): BodyTimer {
  const entries = new Set<Timed>()
  let looks = 0
  let cancel = clock.after(timeoutMs / LOOKS, look)

  function look(): void {
    looks += 1
    for (const entry of entries) {
      if (looks <= entry.lastLook) break
      entries.delete(entry)
      entry.expire()
    }
    cancel = clock.after(timeoutMs / LOOKS, look)
  }

  return {
    add(entry) {
      entry.lastLook = looks + LOOKS
      entries.add(entry)
    },
    delete: entry => void entries.delete(entry),
    stop: () => cancel(),
  }
}
