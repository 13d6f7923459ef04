import type {Types} from '../plugin.types.ts'
import {collectHeaders, type Headers, setHeader} from './collect-headers.ts'
import {type Address, joinUrl} from './join-url.ts'
import {type BodyType, renderBody} from './render-body.ts'

type Config = Types['config']

/** A request before credentials are put on it. */
export interface Plan {
  method: string
  url: URL
  headers: Headers
  body: string | undefined
  /** Sent twice it does no more than sent once. */
  repeatable: boolean
}

export interface Wanted extends Address {
  method: string
  headers?: {[name: string]: string}
  bodyType?: BodyType
  body?: unknown
  /** A plain read; a GET that sends (as many SMS gateways want it) is none. */
  reads: boolean
  idempotencyKey: string | undefined
}

/** What will be sent, from configuration and input. Throws a PluginError of category `config` or `input`. */
export async function planRequest(config: Config, wanted: Wanted): Promise<Plan> {
  const url = joinUrl(config.baseUrl, wanted)
  const body = wanted.reads ? undefined : await renderBody(wanted.bodyType ?? 'none', wanted.body)
  const headers: Headers = new Map()
  setHeader(headers, 'Accept', '*/*', '')
  setHeader(headers, 'User-Agent', 'plugin-host-webhook', '')
  if (body) setHeader(headers, 'Content-Type', body.contentType, '')
  collectHeaders(headers, config.headers, '/config/headers')
  collectHeaders(headers, wanted.headers, '/input/headers')
  const keyHeader = config.retry.idempotencyHeader
  const keyed = keyHeader !== undefined && wanted.idempotencyKey !== undefined
  if (keyed) setHeader(headers, keyHeader, wanted.idempotencyKey ?? '', '/config/retry/idempotencyHeader')
  return {
    method: wanted.method,
    url,
    headers,
    body: body?.text,
    repeatable: wanted.reads || keyed || ['PUT', 'DELETE', 'HEAD', 'OPTIONS'].includes(wanted.method),
  }
}
