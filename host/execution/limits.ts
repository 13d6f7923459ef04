import type {CallSignal} from '../call-signal.ts'
import type {Clock} from '../clock.ts'
import {HostError} from '../errors.ts'
import {isObject} from './is-object.ts'
import {NewestTimes} from './newest-times.ts'
import type {PreparedCall} from './prepare-call.ts'

export interface Throttle {
  limit: number
  windowMs: number
}

/** What holds a call back besides its plugin's own queue. */
export interface WantedLimits {
  registration: string
  concurrency: number
  /** Calls of the same place count together. */
  throttle: (Throttle & {place: string}) | undefined
  /** Calls with the same text run one at a time. */
  lock: string | undefined
}

/** What a call waits for. With `place` others of its registration may go on meanwhile; `at` where it is a matter of time. */
export interface Blocked {
  place?: string
  /** Milliseconds since 1970. */
  at?: number
}

/** Of the registration's settings, else the manifest's; undefined for a call that nothing holds back. */
export function describeLimits({registration, action, name, input}: PreparedCall): WantedLimits | undefined {
  const {concurrency = Number.POSITIVE_INFINITY, throttle: own, lock = {}} = registration.settings
  const throttle = own ?? action.throttle
  const fields = Object.hasOwn(lock, name) ? lock[name] : action.lock
  if (concurrency === Number.POSITIVE_INFINITY && !throttle && !fields) return undefined
  const values = isObject(input) ? fields?.map(field => input[field] ?? null) : undefined
  const {id} = registration
  return {
    registration: id,
    concurrency,
    throttle: throttle && {...throttle, place: own ? id : JSON.stringify([id, name])},
    lock: values && JSON.stringify([id, name, values]),
  }
}

/** What runs and has begun, so far as it holds others back. */
export interface Usage {
  running(registration: string): number
  isLocked(lock: string): boolean
  /** When the call began that is `limit` calls back, milliseconds since 1970; undefined when there are fewer. */
  beganAt(place: string, limit: number): number | undefined
}

/** Undefined for a call that may begin. Pure. */
export function decideEntry(wanted: WantedLimits, usage: Usage, now: number): Blocked | undefined {
  const {registration, concurrency, throttle, lock} = wanted
  if (usage.running(registration) >= concurrency) return {}
  const began = throttle && usage.beganAt(throttle.place, throttle.limit)
  if (throttle && began !== undefined && began + throttle.windowMs > now) {
    const at = began + throttle.windowMs
    return throttle.place === registration ? {at} : {at, place: throttle.place}
  }
  return lock !== undefined && usage.isLocked(lock) ? {place: lock} : undefined
}

export interface Limits {
  /** What is to be called at the end of the call, or what it waits for. */
  tryEnter(wanted: WantedLimits): (() => void) | Blocked
  /** Waits for the turn. Rejects with EXECUTION_TIMED_OUT (never sent) at the deadline, or the signal's reason. */
  enter(wanted: WantedLimits, options: {deadline: number; signal: CallSignal; action: string}): Promise<() => void>
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
  const locked = new Set<string>()
  const begun = new Map<string, NewestTimes>()
  const waiters = new Set<Waiter>()
  const listeners: (() => void)[] = []
  let cancelTimer: (() => void) | undefined
  let listenersFirst = false
  const usage: Usage = {
    running: registration => running.get(registration) ?? 0,
    isLocked: lock => locked.has(lock),
    beganAt: (place, limit) => begun.get(place)?.back(limit),
  }

  function tryEnter(wanted: WantedLimits): (() => void) | Blocked {
    const blocked = decideEntry(wanted, usage, clock.now())
    if (blocked) return blocked
    const {registration, throttle, lock} = wanted
    running.set(registration, usage.running(registration) + 1)
    if (lock !== undefined) locked.add(lock)
    if (throttle) {
      const times = begun.get(throttle.place) ?? new NewestTimes()
      begun.set(throttle.place, times)
      times.add(clock.now(), throttle.limit)
    }
    let left = false
    return () => {
      if (left) return
      left = true
      const rest = usage.running(registration) - 1
      if (rest > 0) running.set(registration, rest)
      else running.delete(registration)
      if (lock !== undefined) locked.delete(lock)
      admit()
    }
  }

  /**
   * First come, first served, as far as its own limits let each. Callers who wait and the listeners, which have accepted executions
   * for their own, go first in turn: neither can keep the other waiting for ever.
   */
  function admit(): void {
    listenersFirst = !listenersFirst
    if (listenersFirst) tellFree()
    admitWaiters()
    if (!listenersFirst) tellFree()
  }

  function tellFree(): void {
    for (const listener of listeners) listener()
  }

  function admitWaiters(): void {
    let next = Number.POSITIVE_INFINITY
    for (const waiter of waiters) {
      const entered = tryEnter(waiter.wanted)
      if (typeof entered === 'function') {
        waiters.delete(waiter)
        waiter.begin(entered)
      } else if (entered.at !== undefined) next = Math.min(next, entered.at)
    }
    cancelTimer?.()
    cancelTimer = next < Number.POSITIVE_INFINITY ? clock.after(Math.max(1, next - clock.now()), admit) : undefined
  }

  function wait(wanted: WantedLimits, {deadline, signal, action}: Parameters<Limits['enter']>[1]): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const from = clock.now()
      const waiter: Waiter = {
        wanted,
        begin(leave) {
          forget()
          resolve(leave)
        },
      }
      const fail = (reason: unknown): void => {
        forget()
        reject(reason)
      }
      const onAbort = (): void => fail(signal.reason)
      const cancelDeadline = clock.after(Math.max(0, deadline - from), () =>
        fail(new HostError('EXECUTION_TIMED_OUT', {action, ms: deadline - from, sent: false})),
      )
      function forget(): void {
        waiters.delete(waiter)
        cancelDeadline()
        signal.removeEventListener('abort', onAbort)
      }
      waiters.add(waiter)
      signal.addEventListener('abort', onAbort, {once: true})
      if (signal.aborted) onAbort()
    })
  }

  return {
    tryEnter,
    async enter(wanted, options) {
      const entered = tryEnter(wanted)
      if (typeof entered === 'function') return entered
      const turn = wait(wanted, options)
      if (entered.at !== undefined) cancelTimer ??= clock.after(Math.max(1, entered.at - clock.now()), admit)
      return turn
    },
    onFree: listener => void listeners.push(listener),
  }
}
