import {isHostError} from '../errors.ts'

const PASSING = [
  'MAIN_SERVER_UNAVAILABLE',
  'HOST_STOPPING',
  'HOST_STORE_FAILED',
  'HOST_INTERNAL',
  'QUEUE_FULL',
] as const

/** True for what is no fault of the request: the same may be in order later. */
export function isPassing(error: unknown): boolean {
  return !isHostError(error) || PASSING.some(code => error.code === code)
}
