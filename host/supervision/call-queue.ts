import type {CallSignal} from '../call-signal.ts'
import {HostError} from '../errors.ts'

/** Lets `concurrency` calls run at once and `length` wait, first come, first served. */
export interface CallQueue {
  readonly running: number
  readonly waiting: number
  /** Resolves when it is the caller's turn; undefined says so at once. Throws PLUGIN_BUSY when full; rejects with the signal's reason. */
  enter(signal?: CallSignal): Promise<void> | undefined
  leave(): void
}

export function createCallQueue(id: string, limits: () => {concurrency: number; queue: number}): CallQueue {
  const waiters: (() => void)[] = []
  let running = 0

  function wait(signal: CallSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      const onAbort = (): void => {
        waiters.splice(waiters.indexOf(enter), 1)
        reject(signal?.reason)
      }
      waiters.push(enter)
      signal?.addEventListener('abort', onAbort, {once: true})
    })
  }

  return {
    get running() {
      return running
    },
    get waiting() {
      return waiters.length
    },
    enter(signal) {
      if (running < limits().concurrency) {
        running++
        return undefined
      }
      if (waiters.length >= limits().queue) throw new HostError('PLUGIN_BUSY', {id, retryAfterMs: 1000})
      return wait(signal)
    },
    leave() {
      // The place is handed on, so that nobody who comes in between takes it.
      const next = waiters.shift()
      if (next) next()
      else running--
    },
  }
}
