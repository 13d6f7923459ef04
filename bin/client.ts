import {Readable} from 'node:stream'
import {text as readText} from 'node:stream/consumers'
import {ApiError, type Bytes, createApiClient, type FetchAnswer, type FetchRequest} from './api-client.ts'
import type {JsonOperation, OperationRequest} from './api-request.ts'
import {Failure} from './failure.ts'
import {findServer, type ServerAddress, type ServerOptions} from './find-server.ts'
import type {Operations} from './operations.types.ts'
import {sendRequest} from './send-request.ts'

/** What a verb asks for: the user may end it at any time. */
export type ClientRequest<Name extends keyof Operations> = OperationRequest<Name> & {signal: AbortSignal}

/** A running server, by its HTTP. Every refusal is thrown as a Failure with the server's own code and words. */
export interface Client {
  readonly url: URL
  /** The answer's JSON; undefined where there is none. */
  call<Name extends JsonOperation<Operations>>(
    name: Name,
    request: ClientRequest<Name>,
  ): Promise<Operations[Name]['answer']>
  /** The answer's body as it comes. */
  open<Name extends keyof Operations>(name: Name, request: ClientRequest<Name>): Promise<Bytes>
}

export async function createClient(options: ServerOptions): Promise<Client> {
  const server = await findServer(options)
  const {url, token} = server
  const api = createApiClient({url, ...(token !== undefined && {token}), fetch: sendOverNode})
  return {
    url,
    call: (name, request) => api.call(name, request).catch(error => fail(error, server, request.signal)),
    open: (name, request) => api.open(name, request).catch(error => fail(error, server, request.signal)),
  }
}

async function sendOverNode(url: URL, {body, headers, ...request}: FetchRequest): Promise<FetchAnswer> {
  const length = typeof body === 'string' && {'content-length': Buffer.byteLength(body)}
  const data = typeof body === 'string' || body === undefined || body instanceof Readable ? body : toReadable(body)
  const answer = await sendRequest(url, {...request, headers: {...headers, ...length}, body: data})
  const {statusCode: status = 0, statusMessage: statusText = ''} = answer
  return {status, statusText, body: answer, text: () => readText(answer)}
}

function toReadable(data: Uint8Array | Bytes): Readable {
  return Readable.from(data instanceof Uint8Array ? [data] : data)
}

function fail(error: unknown, {url, token}: ServerAddress, signal: AbortSignal): never {
  signal.throwIfAborted()
  if (!(error instanceof ApiError)) throw isSystemError(error) ? unreachable(url, error) : error
  const {code, message, remedy, status, problems} = error
  if (code === 'SERVER_REFUSED') throw new Failure('SERVER_REFUSED', message, 'Check --url')
  const ask = status === 401 && token === undefined
  const details = problems.length > 0 ? {problems} : undefined
  throw new Failure(code, message, ask ? 'Give its token with --token or PLUGIN_HOST_TOKEN' : remedy, details)
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error
}

const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/

function unreachable(url: URL, {code = '', message}: NodeJS.ErrnoException): Failure {
  const state = code === 'ECONNREFUSED' ? 'nothing listens there' : message.split(';')[0] || code || 'no connection'
  const remedy = UNTRUSTED.test(code)
    ? 'Name the PEM file of its certificate authority in NODE_EXTRA_CA_CERTS'
    : 'Start the server with "plugin-host serve", or name another with --url'
  return new Failure('SERVER_UNREACHABLE', `Cannot reach the server at ${url.origin}: ${state}`, remedy)
}
