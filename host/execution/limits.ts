import type {CallSignal} from '../call-signal.ts'
import type {Clock} from '../clock.ts'
import {HostError} from '../errors.ts'
import {isObject} from './is-object.ts'
import type {PreparedCall} from './prepare-call.ts'

interface Throttle {
  limit: number
  windowMs: number
}

/** What holds a call back besides its plugin's own queue. */
export interface WantedLimits {
  registration: string
  concurrency: number
  throttle: Throttle | undefined
  /** Calls with the same text run one at a time. */
  lock: string | undefined
}

/** Of the registration's settings, else the manifest's; undefined for a call that nothing holds back. */
export function describeLimits({registration, action, name, input}: PreparedCall): WantedLimits | undefined {
  const {concurrency = Number.POSITIVE_INFINITY, throttle = action.throttle, lock = {}} = registration.settings
  const fields = Object.hasOwn(lock, name) ? lock[name] : action.lock
  if (concurrency === Number.POSITIVE_INFINITY && !throttle && !fields) return undefined
  const values = isObject(input) ? fields?.map(field => input[field] ?? null) : undefined
  return {
    registration: registration.id,
    concurrency,
    throttle,
    lock: values && JSON.stringify([registration.id, name, values]),
  }
}

/** Begun within the window, and how long until one more may be; 0 for now. Pure. */
export function decideThrottle(begun: readonly number[], {limit, windowMs}: Throttle, now: number): number {
  const first = begun.at(-limit)
  return first === undefined || begun.length < limit ? 0 : Math.max(0, first + windowMs - now)
}

export interface Limits {
  /** Undefined where the call has to wait, else what is to be called at its end. */
  tryEnter(wanted: WantedLimits): (() => void) | undefined
  /** Waits for the turn. Rejects with EXECUTION_TIMED_OUT (never sent) at the deadline, or the signal's reason. */
  enter(wanted: WantedLimits, options: {deadline: number; signal: CallSignal; action: string}): Promise<() => void>
  /** When a throttled registration may begin its next call; undefined when it is not a matter of time. */
  nextTurn(wanted: WantedLimits): number | undefined
  /** Told each time that a call might get its turn. */
  onFree(listener: () => void): void
}

interface Waiter {
  wanted: WantedLimits
  begin: (leave: () => void) => void
}

/** Counts the calls of each registration, in memory: a server that starts anew starts with none. */
export function createLimits(clock: Clock): Limits {
  const running = new Map<string, number>()
  const begun = new Map<string, number[]>()
  const locked = new Set<string>()
  const waiters = new Set<Waiter>()
  const listeners: (() => void)[] = []

  function throttledMs({registration, throttle}: WantedLimits): number {
    return throttle ? decideThrottle(begun.get(registration) ?? [], throttle, clock.now()) : 0
  }

  function tryEnter(wanted: WantedLimits): (() => void) | undefined {
    const {registration, concurrency, throttle, lock} = wanted
    const count = running.get(registration) ?? 0
    if (count >= concurrency || (lock !== undefined && locked.has(lock)) || throttledMs(wanted) > 0) return undefined
    running.set(registration, count + 1)
    if (lock !== undefined) locked.add(lock)
    if (throttle) begun.set(registration, [...(begun.get(registration) ?? []), clock.now()].slice(-throttle.limit))
    let left = false
    return () => {
      if (left) return
      left = true
      const rest = (running.get(registration) ?? 1) - 1
      if (rest > 0) running.set(registration, rest)
      else running.delete(registration)
      if (lock !== undefined) locked.delete(lock)
      admit()
    }
  }

  /** First come, first served, as far as its own limits let each. */
  function admit(): void {
    for (const waiter of waiters) {
      const leave = tryEnter(waiter.wanted)
      if (!leave) continue
      waiters.delete(waiter)
      waiter.begin(leave)
    }
    for (const listener of listeners) listener()
  }

  return {
    tryEnter,
    nextTurn(wanted) {
      const waitMs = throttledMs(wanted)
      return waitMs > 0 ? clock.now() + waitMs : undefined
    },
    onFree: listener => void listeners.push(listener),
    enter(wanted, {deadline, signal, action}) {
      const leave = tryEnter(wanted)
      if (leave) return Promise.resolve(leave)
      return new Promise((resolve, reject) => {
        const from = clock.now()
        const waiter: Waiter = {
          wanted,
          begin(leaving) {
            forget()
            resolve(leaving)
          },
        }
        const fail = (reason: unknown): void => {
          forget()
          reject(reason)
        }
        const onAbort = (): void => fail(signal.reason)
        const timeout = (): void =>
          fail(new HostError('EXECUTION_TIMED_OUT', {action, ms: deadline - from, sent: false}))
        const cancelDeadline = clock.after(Math.max(0, deadline - from), timeout)
        const waitMs = throttledMs(wanted)
        let cancelThrottle = waitMs > 0 ? clock.after(waitMs, retry) : undefined
        function retry(): void {
          admit()
          const more = throttledMs(wanted)
          if (waiters.has(waiter) && more > 0) cancelThrottle = clock.after(more, retry)
        }
        function forget(): void {
          waiters.delete(waiter)
          cancelDeadline()
          cancelThrottle?.()
          signal.removeEventListener('abort', onAbort)
        }
        waiters.add(waiter)
        signal.addEventListener('abort', onAbort, {once: true})
        if (signal.aborted) onAbort()
      })
    },
  }
}
