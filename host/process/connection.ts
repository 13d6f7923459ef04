import {
  type CancellationToken,
  createMessageConnection,
  type Disposable,
  type MessageConnection,
  NullLogger,
  ResponseError,
} from 'vscode-jsonrpc/node'
import {RPC_CODES, type WireError} from '../../runtime/protocol.ts'
import {HostError, PluginFailure} from '../errors.ts'
import type {Transport} from './transport.ts'

/** Host API requests of one plugin served at once; more wait. With a bound set, the library also settles answers at once, not one a tick. */
const SERVED_AT_ONCE = 16

/** The library's connection behind the three things we need of it. */
export interface Connection {
  /** Rejects with what the plugin answered (PluginFailure, HostError), or with the library's own error once closed. */
  request(method: string, params: object, signal?: AbortSignal): Promise<unknown>
  notify(method: string, params: object): void
  /** Rejects everything pending: the library itself leaves it unsettled when the child dies. */
  dispose(): void
}

export function openConnection(
  id: string,
  transport: Transport,
  onRequest: (method: string, params: unknown) => Promise<unknown>,
): Connection {
  const connection: MessageConnection = createMessageConnection(transport.reader, transport.writer, NullLogger, {
    maxParallelism: SERVED_AT_ONCE,
  })
  connection.onRequest((method, params) =>
    onRequest(method, Array.isArray(params) ? params[0] : params).catch(rejectAsData),
  )
  connection.listen()
  return {
    // The library throws at once when it is closed; inside an async function that is a rejection like any other.
    async request(method, params, signal) {
      try {
        return await (signal
          ? connection.sendRequest(method, params, toToken(signal))
          : connection.sendRequest(method, params))
      } catch (error) {
        throw translateError(id, method, error)
      }
    },
    notify: (method, params) => void connection.sendNotification(method, params).catch(() => {}),
    dispose: () => connection.dispose(),
  }
}

/** An abort signal as the library's token, made for one request. */
function toToken(signal: AbortSignal): CancellationToken {
  return {
    get isCancellationRequested() {
      return signal.aborted
    },
    onCancellationRequested(listener: (event: unknown) => unknown): Disposable {
      const onAbort = (): void => void listener(undefined)
      signal.addEventListener('abort', onAbort, {once: true})
      return {dispose: () => signal.removeEventListener('abort', onAbort)}
    },
  } as CancellationToken
}

function translateError(id: string, method: string, error: unknown): unknown {
  if (!(error instanceof ResponseError)) return error
  if (error.code === RPC_CODES.pluginError && isWireError(error.data)) return new PluginFailure(error.data)
  if (error.code === RPC_CODES.methodNotFound) return new HostError('PLUGIN_UNSUPPORTED', {id, method}, error)
  return error
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
export const isMismatch = (error: unknown): error is ResponseError<{plugin: string; host: string; remedy: string}> =>
  error instanceof ResponseError && error.code === RPC_CODES.versionMismatch
