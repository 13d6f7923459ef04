import type {ExecuteParams} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import type {CallPlugin} from './types.ts'

/** A process beside the one that serves, sealed: no network, no programs, no workers, no writing host calls. */
export interface SealedProcess {
  call: (
    method: string,
    params: object,
    options: Pick<Parameters<CallPlugin>[3], 'signal' | 'deadline'>,
  ) => Promise<{result: unknown; version: string}>
  stop(): Promise<unknown>
}

export interface SealedCallParts {
  /** Of the active version, configured with this registration only. Undefined while none can be had. */
  open: ((plugin: string, registration: string) => Promise<SealedProcess>) | undefined
  /** What went wrong without a caller to tell it to. Must not throw. */
  onError(error: unknown): void
}

/** One process a call, so that nothing of a dry run is left behind. */
export function createSealedCalls({open, onError}: SealedCallParts): CallPlugin {
  return async (plugin, method, params, options) => {
    const {registration, action} = params as ExecuteParams
    if (!open) {
      const reason = 'this server cannot seal a plugin'
      throw new HostError('DRY_RUN_UNSUPPORTED', {action, reason, sent: false})
    }
    const sealed = await open(plugin, registration)
    try {
      options.signal.throwIfAborted()
      return await sealed.call(method, params, options)
    } finally {
      await sealed.stop().catch(onError)
    }
  }
}
