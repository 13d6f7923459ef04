import type {ErrorCategory, WireError} from '../../runtime/protocol.ts'
import {type ErrorCode, HostError, PluginFailure} from '../errors.ts'

/** What kind of failure each code is, and whether trying again may help. Codes that are not listed are `unknown`, and it does not. */
const KINDS: {[code in ErrorCode]?: [category: ErrorCategory, retryable: boolean]} = {
  PLUGIN_NOT_FOUND: ['config', false],
  PLUGIN_NOT_RUNNING: ['unavailable', true],
  PLUGIN_DISABLED: ['config', false],
  PLUGIN_PARKED: ['unavailable', true],
  PLUGIN_BUSY: ['rateLimit', true],
  QUEUE_FULL: ['rateLimit', true],
  PLUGIN_START_FAILED: ['unavailable', true],
  PLUGIN_PROTOCOL_MISMATCH: ['config', false],
  PLUGIN_PROTOCOL_ERROR: ['bug', false],
  PLUGIN_CRASHED: ['unavailable', true],
  PLUGIN_STOPPED: ['unavailable', true],
  PLUGIN_UNSUPPORTED: ['bug', false],
  REGISTRATION_DISABLED: ['config', false],
  CONFIG_INVALID: ['config', false],
  INPUT_INVALID: ['input', false],
  OUTPUT_INVALID: ['bug', false],
  EFFECT_DENIED: ['config', false],
  EFFECT_FAILED: ['business', false],
  HOST_API_DENIED: ['config', false],
  HOST_API_FAILED: ['network', true],
  EXECUTION_TIMED_OUT: ['unavailable', true],
  MAPPING_FAILED: ['input', false],
  RECORD_NOT_FOUND: ['business', false],
  MAIN_SERVER_REFUSED: ['business', false],
  MAIN_SERVER_UNAVAILABLE: ['unavailable', true],
  HOST_STOPPING: ['unavailable', true],
  HOST_STORE_FAILED: ['unavailable', true],
  HOST_INTERNAL: ['bug', false],
}

/** Any failure as data. `details.category`, `details.retryable` and `details.retryAfterMs` of a HostError are taken over. */
export function toWireError(error: unknown): WireError {
  if (error instanceof PluginFailure) return error.data
  const failure = error instanceof HostError ? error : new HostError('HOST_INTERNAL', {}, error)
  const [category, retryable] = KINDS[failure.code] ?? ['unknown', false]
  const {category: told, retryable: again, retryAfterMs} = failure.details
  const [message = '', ...hint] = failure.message.split('\n')
  return {
    code: failure.code,
    category: typeof told === 'string' ? (told as ErrorCategory) : category,
    message,
    ...(hint.length > 0 && {hint: hint.join('\n')}),
    retryable: typeof again === 'boolean' ? again : retryable,
    ...(typeof retryAfterMs === 'number' && {retryAfterMs}),
  }
}
