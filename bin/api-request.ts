import {ApiError} from './api-error.ts'
import type {Operations} from './operations.types.ts'

/** The body of an answer that is no JSON, as it comes. */
export type Bytes = AsyncIterable<Uint8Array>

/** A body that is sent as it is. */
export interface Upload<Type extends string = string> {
  data: string | Uint8Array | Bytes
  /** Media type. */
  type: Type
  /** Sent as its length, where it is known beforehand. */
  bytes?: number
}

export interface Operation {
  params: object
  query: object
  body: unknown
  answer: unknown
}
/** Operations by their names, as `bin/operations.types.ts` lists them. */
export type OperationTable<Table> = {[Name in keyof Table]: Operation}
/** Names of the operations that answer JSON, or nothing. */
export type JsonOperation<Table extends OperationTable<Table>> = {
  [Name in keyof Table]: Table[Name]['answer'] extends Bytes ? never : Name
}[keyof Table]

type Part<Name extends string, Value> = object extends Value ? {[name in Name]?: Value} : {[name in Name]: Value}
type BodyPart<Value> = [Value] extends [undefined] ? {body?: undefined} : Part<'body', Value>

/** What an operation takes; parts that may be empty may be left out. */
export type OperationRequest<Name extends keyof Table, Table extends OperationTable<Table> = Operations> = Part<
  'params',
  Table[Name]['params']
> &
  Part<'query', Table[Name]['query']> &
  BodyPart<Table[Name]['body']> & {headers?: {[name: string]: string}; signal?: AbortSignal}

/** The same, when nothing is known of the operation. */
export interface AnyRequest {
  params?: object
  query?: object
  body?: unknown
  headers?: {[name: string]: string}
  signal?: AbortSignal
}

export interface FetchRequest {
  method: string
  headers: {[name: string]: string}
  body?: string | Uint8Array | Bytes
  /** Of a body that comes bit by bit. */
  duplex?: 'half'
  signal?: AbortSignal
}
export interface FetchAnswer {
  status: number
  statusText: string
  body: Bytes | null
  text(): Promise<string>
}
/** Sends a request and resolves when the answer begins; what JavaScript's own `fetch` does. */
export type Fetch = (url: URL, request: FetchRequest) => Promise<FetchAnswer>

/** Throws ApiError `REQUEST_INVALID` for a parameter that no path can hold. */
export function composeUrl(server: URL, path: string, {params = {}, query = {}}: AnyRequest): URL {
  const given = new Map<string, unknown>(Object.entries(params))
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeParameter(name, given.get(name)))
  const url = new URL(`${server.pathname.replace(/\/$/, '')}${filled}`, server)
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  return url
}

function encodeParameter(name: string, value: unknown): string {
  const text = String(value ?? '')
  // URLs have no escape for these: they would lead to another path.
  if (text !== '' && text !== '.' && text !== '..') return encodeURIComponent(text)
  throw new ApiError('REQUEST_INVALID', `Cannot send the request: "${text}" is no ${name}`, {status: 400})
}

export function composeRequest(
  method: string,
  token: string | undefined,
  given: AnyRequest,
  raw: boolean,
): FetchRequest {
  const {body, headers, signal} = given
  const sent = raw ? composeUpload(body as Upload) : composeJson(body)
  return {
    method,
    headers: {
      accept: 'application/json, application/problem+json, text/event-stream, */*;q=0.1',
      ...(token !== undefined && {authorization: `Bearer ${token}`}),
      ...sent.headers,
      ...headers,
    },
    ...(sent.body !== undefined && {body: sent.body}),
    ...(raw && {duplex: 'half'}),
    ...(signal && {signal}),
  }
}

type Sent = Pick<FetchRequest, 'headers' | 'body'>

function composeUpload({data, type, bytes}: Upload): Sent {
  return {
    body: data,
    headers: {'content-type': type, ...(bytes !== undefined && {'content-length': String(bytes)})},
  }
}

function composeJson(body: unknown): Sent {
  return body === undefined
    ? {headers: {}}
    : {body: JSON.stringify(body), headers: {'content-type': 'application/json'}}
}
