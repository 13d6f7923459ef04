import type {ExecuteParams} from '../../runtime/protocol.ts'
import {isHostError, PluginFailure} from '../errors.ts'
import type {CallOptions, CallPlugin} from './types.ts'
import {toWireError} from './wire-error.ts'

/** A process beside the one that serves, sealed: no network, no programs, no workers, no writing host calls. */
export interface SealedProcess {
  call(
    method: string,
    params: object,
    options: Pick<CallOptions, 'signal' | 'deadline' | 'action'>,
  ): Promise<{result: unknown; version: string}>
  stop(): Promise<unknown>
}

export interface SealedCallParts {
  /** Of the active version, configured with this registration only. */
  open(plugin: string, registration: string, signal: AbortSignal): Promise<SealedProcess>
  /** What went wrong without a caller to tell it to. Must not throw. */
  onError(error: unknown): void
}

/** One process a call, so that nothing of a dry run is left behind. */
export function createSealedCalls({open, onError}: SealedCallParts): CallPlugin {
  return async (plugin, method, params, {signal, deadline, action}) => {
    const {registration} = params as ExecuteParams
    const sealed = await openFor(signal, given => open(plugin, registration, given))
    try {
      return await sealed.call(method, params, {signal, deadline, action})
    } finally {
      await sealed.stop().catch(onError)
    }
  }
}

/** One that cannot start behind the seal is an outcome of the dry run: the plugin itself may be well. */
async function openFor(
  signal: CallOptions['signal'],
  open: (signal: AbortSignal) => Promise<SealedProcess>,
): Promise<SealedProcess> {
  const controller = new AbortController()
  const onAbort = (): void => controller.abort(signal.reason)
  signal.throwIfAborted()
  signal.addEventListener('abort', onAbort, {once: true})
  try {
    return await open(controller.signal)
  } catch (error) {
    if (isHostError(error, 'PLUGIN_START_FAILED') || isHostError(error, 'PLUGIN_CRASHED')) {
      throw new PluginFailure({...toWireError(error), retryable: false})
    }
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
