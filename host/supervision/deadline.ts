import type {Progress} from '../../runtime/protocol.ts'
import {CallController, type CallSignal} from '../call-signal.ts'
import type {Clock} from '../clock.ts'
import {HostError} from '../errors.ts'

/** A call's way to be given up: its caller, its deadline. Progress moves the deadline. */
export interface CallDeadline {
  readonly signal: CallSignal
  onProgress(progress: Progress): void
  release(): void
}

interface DeadlineOptions {
  clock: Clock
  /** Milliseconds since 1970. */
  deadline: number
  /** How far progress may move it from now on, milliseconds. */
  capMs: number
  signal?: CallSignal | undefined
  onProgress?: ((progress: Progress) => void) | undefined
  action: string
  /** A debugger is attached: nothing times out. */
  paused: boolean
}

export function startDeadline({
  clock,
  deadline,
  capMs,
  signal,
  onProgress,
  action,
  paused,
}: DeadlineOptions): CallDeadline {
  const controller = new CallController()
  const startedAt = clock.now()
  const givenMs = Math.max(0, deadline - startedAt)
  let cancel = arm(givenMs)

  function arm(ms: number): () => void {
    if (paused) return () => {}
    return clock.after(ms, () =>
      controller.abort(new HostError('EXECUTION_TIMED_OUT', {action, ms: Math.round(clock.now() - startedAt)})),
    )
  }
  const onAbort = (): void => controller.abort(signal?.reason)
  if (signal?.aborted) onAbort()
  else signal?.addEventListener('abort', onAbort, {once: true})

  return {
    signal: controller.signal,
    onProgress(progress) {
      cancel()
      cancel = arm(Math.min(givenMs, Math.max(0, startedAt + Math.max(capMs, givenMs) - clock.now())))
      onProgress?.(progress)
    },
    release() {
      cancel()
      signal?.removeEventListener('abort', onAbort)
    },
  }
}
