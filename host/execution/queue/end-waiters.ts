import {HostError} from '../../errors.ts'
import type {Execution} from '../../types.ts'

interface Waiter {
  resolve: (execution: Execution) => void
  reject: (error: HostError) => void
}

/** Callers that wait for the end of an accepted execution. */
export interface EndWaiters {
  /** Rejects with HOST_STOPPING when that will not be in this server's life. */
  wait(id: string): Promise<Execution>
  tell(execution: Execution): void
  giveUp(id: string): void
  giveUpAll(isGone: (id: string) => boolean): void
}

export function createEndWaiters(): EndWaiters {
  const waiters = new Map<string, Waiter[]>()

  function take(id: string): Waiter[] {
    const found = waiters.get(id) ?? []
    waiters.delete(id)
    return found
  }

  function giveUp(id: string): void {
    for (const {reject} of take(id)) reject(new HostError('HOST_STOPPING'))
  }

  return {
    wait: id =>
      new Promise((resolve, reject) => {
        waiters.set(id, [...(waiters.get(id) ?? []), {resolve, reject}])
      }),
    tell(execution) {
      for (const {resolve} of take(execution.execution)) resolve({...execution})
    },
    giveUp,
    giveUpAll(isGone) {
      for (const id of [...waiters.keys()].filter(isGone)) giveUp(id)
    },
  }
}
