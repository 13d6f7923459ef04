import type {Progress} from '../../runtime/protocol.ts'
import type {CallSignal} from '../call-signal.ts'
import {type Clock, delay} from '../clock.ts'
import {HostError} from '../errors.ts'
import type {ProcessExit} from '../types.ts'
import {Cancellation, type Connection, isCancelled} from './connection.ts'
import type {CallOptions} from './types.ts'

/** How long a caller who gave up still waits for the plugin's last word: it may just have finished, or tell what it left undone. */
const LAST_WORD_MS = 250
const ONCE = {once: true}

export interface Calls {
  readonly inFlight: number
  call(method: string, params: object, options?: CallOptions): Promise<unknown>
  onProgress(execution: string, progress: Progress): void
  drain(timeoutMs: number): Promise<void>
}

interface CallsOptions {
  id: string
  clock: Clock
  connection: Connection
  /** Set when the process is gone. */
  exit(): ProcessExit | undefined
  isFull(): boolean
  /** The plugin went on with a cancelled call for too long. */
  onCancelIgnored(method: string): void
  /** Milliseconds; 0 waits for ever (a debugger is attached). */
  cancelGraceMs: number
}

export function createCalls(options: CallsOptions): Calls {
  const {id, clock, connection} = options
  const listeners = new Map<string, (progress: Progress) => void>()
  const waiters = new Set<() => void>()
  let inFlight = 0

  function settle(): void {
    if (--inFlight > 0) return
    for (const resolve of waiters) resolve()
    waiters.clear()
  }

  function explain(method: string, cause: unknown): unknown {
    const error = connection.explain(method, cause)
    const exit = options.exit()
    return exit && !(error instanceof HostError)
      ? new HostError('PLUGIN_CRASHED', {id, reason: exit.message, exit}, error)
      : error
  }

  async function call(
    method: string,
    params: object,
    {signal, execution, onProgress}: CallOptions = {},
  ): Promise<unknown> {
    signal?.throwIfAborted()
    const gone = options.exit()
    if (gone) throw new HostError('PLUGIN_CRASHED', {id, reason: gone.message, exit: gone})
    if (options.isFull()) throw new HostError('PLUGIN_BUSY', {id})
    if (execution !== undefined && onProgress) listeners.set(execution, onProgress)
    inFlight++
    try {
      return await (signal ? askOrGiveUp(method, params, signal) : ask(method, params))
    } catch (error) {
      throw explain(method, error)
    } finally {
      if (execution !== undefined && onProgress) listeners.delete(execution)
    }
  }

  function ask(method: string, params: object): Promise<unknown> {
    const answer = connection.request(method, params)
    answer.then(settle, settle)
    return answer
  }

  /** The answer, or soon after the abort its reason; the call counts as running until the plugin has answered. */
  function askOrGiveUp(method: string, params: object, signal: CallSignal): Promise<unknown> {
    const cancellation = new Cancellation()
    const answer = connection.request(method, params, cancellation)
    return new Promise((resolve, reject) => {
      let cancels: (() => void)[] | undefined
      const onAbort = (): void => {
        cancellation.cancel()
        cancels = [clock.after(LAST_WORD_MS, () => reject(signal.reason))]
        if (options.cancelGraceMs > 0)
          cancels.push(clock.after(options.cancelGraceMs, () => options.onCancelIgnored(method)))
      }
      const done = (): void => {
        signal.removeEventListener('abort', onAbort)
        for (const cancel of cancels ?? []) cancel()
        settle()
      }
      signal.addEventListener('abort', onAbort, ONCE)
      answer.then(
        value => {
          done()
          resolve(value)
        },
        error => {
          done()
          reject(isCancelled(error) ? signal.reason : error)
        },
      )
    })
  }

  return {
    get inFlight() {
      return inFlight
    },
    call,
    onProgress: (execution, progress) => listeners.get(execution)?.(progress),
    async drain(timeoutMs) {
      if (inFlight === 0) return
      const {promise, resolve} = Promise.withResolvers<void>()
      waiters.add(resolve)
      await Promise.race([promise, delay(clock, timeoutMs)])
      waiters.delete(resolve)
    },
  }
}
