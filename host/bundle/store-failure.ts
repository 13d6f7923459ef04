import {HostError} from '../errors.ts'

/** A failure of the file system as HOST_STORE_FAILED; anything else comes back as it is. */
export function toStoreFailure(error: unknown): unknown {
  if (!isSystemError(error)) return error
  return new HostError('HOST_STORE_FAILED', {reason: `${error.code} on ${error.syscall}`, code: error.code}, error)
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error
}
