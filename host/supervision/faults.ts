import {HostError, isHostError, PluginFailure} from '../errors.ts'
import type {PluginState, ProcessExit} from '../types.ts'

/** Counts against a new version: it crashed, hung or has a bug. A refused login or a bad input does not. */
export function isFault(error: unknown): boolean {
  if (error instanceof PluginFailure) return error.data.category === 'bug'
  return (
    isHostError(error, 'PLUGIN_CRASHED') ||
    isHostError(error, 'EXECUTION_TIMED_OUT') ||
    isHostError(error, 'PLUGIN_PROTOCOL_ERROR')
  )
}

/** The exit behind a failed start. */
export function exitOf(error: unknown, at: number): ProcessExit {
  const exit = error instanceof HostError ? (error.details.exit as ProcessExit | undefined) : undefined
  return (
    exit ?? {
      code: null,
      signal: null,
      reason: 'startFailed',
      message: error instanceof Error ? error.message : String(error),
      stderr: [],
      at,
    }
  )
}

/** Passes when a plugin without a process may be started for a call; else throws why not. */
export function requireCallable(id: string, state: PluginState, now: number): void {
  const retryAfterMs = 'retryAt' in state ? Math.max(0, state.retryAt - now) : undefined
  if (state.name === 'disabled') throw new HostError('PLUGIN_DISABLED', {id})
  if (state.name === 'draining') throw new HostError('PLUGIN_STOPPED', {id})
  if (state.name === 'waiting') {
    throw new HostError('PLUGIN_NOT_RUNNING', {id, state: 'waiting to be restarted after a crash', retryAfterMs})
  }
  if (state.name === 'parked') throw new HostError('PLUGIN_PARKED', {id, reason: state.lastExit.message, retryAfterMs})
}

/** The same error, marked as one of a call the plugin never saw: repeating it does no harm. */
export function markUnsent(error: unknown): unknown {
  return error instanceof HostError ? new HostError(error.code, {...error.details, sent: false}, error) : error
}
