import type {IncomingMessage, OutgoingHttpHeaders} from 'node:http'
import type {Readable} from 'node:stream'
import {text as readText} from 'node:stream/consumers'
import {Failure, type FailureReport} from './failure.ts'
import {findServer, type ServerAddress, type ServerOptions} from './find-server.ts'
import {type Operations, ROUTES} from './operations.types.ts'
import {sendRequest} from './send-request.ts'

export interface RequestOptions {
  query?: {[name: string]: string | number | boolean | undefined}
  /** Sent as JSON. */
  json?: unknown
  /** Sent as it is. */
  body?: {data: Readable; type: string; bytes: number}
  headers?: {[name: string]: string}
  signal: AbortSignal
}

/** A running server, by its HTTP. Every refusal is thrown as a Failure with the server's own code and words. */
export interface Client {
  readonly url: URL
  /** An operation of the API by its name, typed from the server's OpenAPI document. */
  call<Name extends OperationName>(name: Name, request: OperationRequest<Name>): Promise<Operations[Name]['answer']>
  /** The answer's JSON; undefined where there is none. */
  request<T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, options: RequestOptions): Promise<T>
  /** The answer's body as it comes. */
  open(path: string, options: RequestOptions): Promise<AsyncIterable<Uint8Array>>
}

export type OperationName = keyof Operations
type Part<Name, Value> = object extends Value ? {[name in Name & string]?: Value} : {[name in Name & string]: Value}
/** What an operation takes; parts that may be empty may be left out. */
export type OperationRequest<Name extends OperationName> = Part<'params', Operations[Name]['params']> &
  Part<'query', Operations[Name]['query']> &
  (Operations[Name]['body'] extends undefined ? {body?: undefined} : Part<'body', Operations[Name]['body']>) & {
    headers?: {[name: string]: string}
    signal: AbortSignal
  }

export async function createClient(options: ServerOptions): Promise<Client> {
  const server = await findServer(options)
  async function request<T>(method: string, path: string, given: RequestOptions): Promise<T> {
    const text = await readText(await send(server, method, path, given))
    return (text === '' ? undefined : parseAnswer(text, server.url)) as T
  }
  return {
    url: server.url,
    call: (name, {params = {}, query, body, headers, signal}) => {
      const [method, path] = ROUTES[name]
      const filled = fillPath(path, params)
      return request(method, filled, {signal, json: body, ...(query && {query}), ...(headers && {headers})})
    },
    request,
    open: (path, given) => send(server, 'GET', path, given),
  }
}

function fillPath(path: string, params: {[name: string]: string}): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
}

/** A path from its parts, each of them escaped. */
export function joinPath(...parts: string[]): string {
  return `/${parts.map(encodeURIComponent).join('/')}`
}

async function send(
  server: ServerAddress,
  method: string,
  path: string,
  {query, json, body, headers: more, signal}: RequestOptions,
): Promise<IncomingMessage> {
  const url = new URL(`${server.url.pathname.replace(/\/$/, '')}${path}`, server.url)
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  const text = json === undefined ? undefined : JSON.stringify(json)
  const headers = {...composeHeaders(server, text, body), ...more}
  const answer = await sendRequest(url, {method, headers, body: body?.data ?? text, signal}).catch(error => {
    signal.throwIfAborted()
    throw isSystemError(error) ? unreachable(server.url, error) : error
  })
  const status = answer.statusCode ?? 0
  if (status < 200 || status > 299) throw await readRefusal(answer, server)
  return answer
}

function composeHeaders(
  {token}: ServerAddress,
  text: string | undefined,
  body: RequestOptions['body'],
): OutgoingHttpHeaders {
  return {
    accept: 'application/json, application/problem+json, text/event-stream',
    ...(token !== undefined && {authorization: `Bearer ${token}`}),
    ...(text !== undefined && {'content-type': 'application/json', 'content-length': Buffer.byteLength(text)}),
    ...(body && {'content-type': body.type, 'content-length': body.bytes}),
  }
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

async function readRefusal(answer: IncomingMessage, {url, token}: ServerAddress): Promise<Failure> {
  const problem = parseProblem(await readText(answer).catch(() => ''))
  if (!problem) {
    const state = `it answered ${answer.statusCode} ${answer.statusMessage ?? ''}`.trim()
    return new Failure('SERVER_REFUSED', `Cannot use the server at ${url.origin}: ${state}`, 'Check --url')
  }
  const {code, message, remedy, details} = problem
  const ask = answer.statusCode === 401 && token === undefined
  return new Failure(code, message, ask ? 'Give its token with --token or PLUGIN_HOST_TOKEN' : remedy, details)
}

/** An `application/problem+json` body; undefined when it is something else. */
function parseProblem(text: string): FailureReport | undefined {
  try {
    const {code, detail, problems} = JSON.parse(text) as {code?: unknown; detail?: unknown; problems?: unknown}
    if (typeof code !== 'string' || typeof detail !== 'string') return undefined
    const [message = '', ...remedy] = detail.split('\n')
    const details = problems === undefined ? {} : {details: {problems}}
    return {code, message, ...(remedy.length > 0 && {remedy: remedy.join('\n')}), ...details}
  } catch {
    return undefined
  }
}

function parseAnswer(text: string, url: URL): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Failure('SERVER_REFUSED', `Cannot read the answer of ${url.origin}: it is not JSON`, 'Check --url')
  }
}
