/**
 * All that HTTP knows of the host: its public shapes and errors, none of its parts. It is not host/index.ts itself,
 * because the composition root behind that one imports this folder.
 */
export type {Json, JsonObject} from '../../runtime/protocol.ts'
export {CallController, type CallSignal} from '../call-signal.ts'
export {type Clock, systemClock} from '../clock.ts'
export type {Config} from '../config.ts'
export {ERRORS, type ErrorCode, HostError, isHostError} from '../errors.ts'
export type * from '../types.ts'

/** Where the server's own log lines go; a pino logger fits. */
export interface HttpLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
