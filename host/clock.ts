import type {CallSignal} from './call-signal.ts'

/** The only place that knows about timers; tests hand in their own. Times are milliseconds. */
export interface Clock {
  /** Since 1970. */
  now(): number
  /** Monotonic; for measuring. */
  elapsed(): number
  /** Calls back once; the returned function cancels. An armed timer never keeps the process alive. */
  after(ms: number, run: () => void): () => void
}

const LONGEST_TIMER_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS))
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** Keeps this process alive while it waits for nothing but timers, which do not; the returned function lets go. */
export function holdProcess(): () => void {
  const timer = setInterval(() => {}, LONGEST_TIMER_MS)
  return () => clearInterval(timer)
}

/** Resolves after `ms`, or rejects with the signal's reason. */
export function delay(clock: Clock, ms: number, signal?: CallSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = (): void => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, {once: true})
  })
}
