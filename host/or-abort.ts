import type {CallSignal} from './call-signal.ts'

/** The work's result, or the signal's reason as soon as it is aborted. The work itself goes on. */
export async function orAbort<T>(work: Promise<T>, signal: CallSignal): Promise<T> {
  // Also where nobody waits for it any more, its failure must not end this process.
  work.catch(() => {})
  signal.throwIfAborted()
  const {promise: aborted, reject} = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason)
  signal.addEventListener('abort', onAbort, {once: true})
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
