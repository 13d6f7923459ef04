import type {Clock} from '../clock.ts'

/** Calls `onIdle` when nothing has happened for a while. */
export interface IdleStop {
  /** Something happened: the time runs anew; 0 milliseconds is never. */
  arm(idleMs: number): void
  cancel(): void
}

export function createIdleStop(clock: Clock, onIdle: () => void): IdleStop {
  let cancel = (): void => {}
  return {
    arm(idleMs) {
      cancel()
      if (idleMs > 0) cancel = clock.after(idleMs, onIdle)
    },
    cancel: () => cancel(),
  }
}
