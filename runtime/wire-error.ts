import {ERROR_CATEGORIES, type ErrorCategory, RPC_CODES, type WireError} from './protocol.ts'

/** Anything thrown, as the error object of a JSON-RPC answer. */
export function toRpcError(error: unknown, cancelled: boolean): {code: number; message: string; data?: WireError} {
  if (isRpcError(error)) return error
  if (cancelled && !hasCategory(error)) return {code: RPC_CODES.cancelled, message: 'The call was cancelled'}
  const data = toWireError(error)
  return {code: RPC_CODES.pluginError, message: data.message, data}
}

/** A PluginError keeps its words (told by its shape: each bundle brings its own copy of the class); anything else is a bug. */
export function toWireError(error: unknown): WireError {
  const {code, message, hint, field, retryable, retryAfterMs, stack} = Object(error) as Partial<WireError> & {
    stack?: string
  }
  if (!hasCategory(error)) {
    return {code: 'BUG', category: 'bug', message: message ?? String(error), retryable: false, ...(stack && {stack})}
  }
  return {
    code: code ?? error.category.toUpperCase(),
    category: error.category,
    message: message ?? '',
    retryable: retryable === true,
    ...(hint !== undefined && {hint}),
    ...(field !== undefined && {field}),
    ...(retryAfterMs !== undefined && {retryAfterMs}),
  }
}

function hasCategory(error: unknown): error is {category: ErrorCategory} {
  return (
    typeof error === 'object' &&
    error !== null &&
    'category' in error &&
    ERROR_CATEGORIES.includes(error.category as ErrorCategory)
  )
}

function isRpcError(error: unknown): error is {code: number; message: string; data?: WireError} {
  return (
    typeof error === 'object' &&
    error !== null &&
    !(error instanceof Error) &&
    'code' in error &&
    typeof error.code === 'number'
  )
}
