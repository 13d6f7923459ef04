import {
  type CancellationToken,
  createMessageConnection,
  type Disposable,
  ErrorCodes,
  type MessageConnection,
  NullLogger,
  ResponseError,
} from 'vscode-jsonrpc/node'
import {RPC_CODES, type WireError} from '../../runtime/protocol.ts'
import {HostError, PluginFailure} from '../errors.ts'
import type {Redactor} from '../registry/redact.ts'
import type {Transport} from './transport.ts'
import type {ProcessHooks} from './types.ts'

/** Host API requests of one plugin served at once; more wait. With a bound set, the library also settles answers at once, not one a tick. */
const SERVED_AT_ONCE = 16

/** The library's connection behind the three things we need of it. */
export interface Connection {
  /** Rejects with the library's own errors, also once it is closed: `explain` them. */
  request(method: string, params: object, cancellation?: Cancellation): Promise<unknown>
  /** What a rejection means: PluginFailure or HostError when the plugin answered so, else the same error. */
  explain(method: string, error: unknown): unknown
  notify(method: string, params: object): void
  /** Rejects everything pending: the library itself leaves it unsettled when the child dies. */
  dispose(): void
}

export function openConnection(
  id: string,
  transport: Transport,
  {onRequest, redactor}: Pick<ProcessHooks, 'onRequest' | 'redactor'>,
): Connection {
  const connection: MessageConnection = createMessageConnection(transport.reader, transport.writer, NullLogger, {
    maxParallelism: SERVED_AT_ONCE,
  })
  connection.onRequest((method, params) =>
    onRequest(method, Array.isArray(params) ? params[0] : params).catch(rejectAsData),
  )
  connection.listen()
  return {
    request(method, params, cancellation) {
      try {
        return cancellation
          ? connection.sendRequest(method, params, cancellation)
          : connection.sendRequest(method, params)
      } catch (error) {
        // The library throws at once when it is closed: a rejection like any other.
        return Promise.reject(error)
      }
    },
    explain: (method, error) => explainError(id, method, error, redactor),
    notify: (method, params) => void connection.sendNotification(method, params).catch(() => {}),
    dispose: () => connection.dispose(),
  }
}

const NOTHING: Disposable = {dispose() {}}

/** The library's token for one request, without an event emitter behind it. */
export class Cancellation implements CancellationToken {
  isCancellationRequested = false
  #listener: (() => unknown) | undefined

  readonly onCancellationRequested = (listener: (event: unknown) => unknown): Disposable => {
    this.#listener = () => listener(undefined)
    return NOTHING
  }

  /** The plugin is asked to give up. */
  cancel(): void {
    this.isCancellationRequested = true
    this.#listener?.()
  }
}

function explainError(id: string, method: string, cause: unknown, redactor?: Redactor): unknown {
  if (!(cause instanceof ResponseError)) return cause
  const error = redactor ? redactResponse(cause, redactor) : cause
  if (error.code === RPC_CODES.pluginError && isWireError(error.data)) return new PluginFailure(error.data)
  if (error.code === RPC_CODES.methodNotFound) return new HostError('PLUGIN_UNSUPPORTED', {id, method}, error)
  return error
}

function redactResponse({code, message, data}: ResponseError<unknown>, redactor: Redactor): ResponseError<unknown> {
  return new ResponseError(code, redactor.text(message), redactor.json(data))
}

function isWireError(data: unknown): data is WireError {
  const {code, category, message} = Object(data) as Partial<WireError>
  return typeof code === 'string' && typeof category === 'string' && typeof message === 'string'
}

/** A refusal of the host as the plugin's SDK reads it. */
function rejectAsData(error: unknown): never {
  if (error instanceof PluginFailure) throw new ResponseError(RPC_CODES.pluginError, error.message, error.data)
  const code = error instanceof HostError ? error.code : 'HOST_INTERNAL'
  const category = error instanceof HostError && error.status < 500 ? 'input' : 'unavailable'
  const message =
    error instanceof HostError ? error.message : 'Cannot serve the request: an unexpected fault of the host'
  throw new ResponseError(RPC_CODES.pluginError, message, {
    code,
    category,
    message,
    retryable: category === 'unavailable',
  })
}

export const isCancelled = (error: unknown): boolean =>
  error instanceof ResponseError && error.code === RPC_CODES.cancelled
/** The connection was closed before the answer came. */
export const isCutOff = (error: unknown): boolean =>
  error instanceof ResponseError && error.code === ErrorCodes.PendingResponseRejected
export const isMismatch = (error: unknown): error is ResponseError<{plugin: string; host: string; remedy: string}> =>
  error instanceof ResponseError && error.code === RPC_CODES.versionMismatch
