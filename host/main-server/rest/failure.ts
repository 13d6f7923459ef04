import type {ErrorCategory} from '../../../runtime/protocol.ts'
import {HostError} from '../../errors.ts'

interface UnavailableDetails {
  category: ErrorCategory
  /** Whether trying again may help; true when left out. */
  retryable?: boolean
  retryAfterMs?: number
}

export function unavailable(reason: string, details: UnavailableDetails, cause?: unknown): HostError {
  return new HostError('MAIN_SERVER_UNAVAILABLE', {reason, ...details}, cause)
}

export function refused(action: string, reason: string, category: ErrorCategory = 'business'): HostError {
  return new HostError('MAIN_SERVER_REFUSED', {action, reason, category})
}
