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

/** Why a plugin without a process cannot be called now; undefined when it may be started for the call. */
export function refuseCall(id: string, state: PluginState, now: number): HostError | undefined {
  const retryAfterMs = 'retryAt' in state ? Math.max(0, state.retryAt - now) : undefined
  switch (state.name) {
    case 'disabled':
      return new HostError('PLUGIN_DISABLED', {id})
    case 'draining':
      return new HostError('PLUGIN_STOPPED', {id})
    case 'waiting':
      return new HostError('PLUGIN_NOT_RUNNING', {id, state: 'waiting to be restarted after a crash', retryAfterMs})
    case 'parked':
      return new HostError('PLUGIN_PARKED', {id, reason: state.lastExit.message, retryAfterMs})
    default:
      return undefined
  }
}

/** The same error, marked as one of a call the plugin never saw: repeating it does no harm. */
export function markUnsent(error: unknown): unknown {
  return error instanceof HostError ? new HostError(error.code, {...error.details, sent: false}, error) : error
}
