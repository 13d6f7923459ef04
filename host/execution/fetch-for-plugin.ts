import type {FetchParams, FetchResult} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import {isHostAllowed} from './match-host.ts'

const METHOD = 'http.fetch'
const MAX_REDIRECTS = 5
const MAX_BYTES = 10 * 1024 * 1024
const TIMEOUT_MS = 30_000
/** Not to be carried to another origin. */
const CREDENTIALS = ['authorization', 'cookie', 'proxy-authorization']
/** These belong to the connection: a plugin that sets them could reach another virtual host or smuggle a request. */
const FORBIDDEN = ['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'expect']
const ABOUT_BODY = ['content-type', 'content-length', 'content-encoding', 'content-language']

/** Makes an HTTP call for a plugin, to the hosts it may speak to and nowhere else; each redirect is checked again. */
export async function fetchForPlugin(
  plugin: string,
  net: readonly string[],
  params: FetchParams,
): Promise<FetchResult> {
  const {url, method = 'GET', headers = {}, body, timeoutMs = TIMEOUT_MS} = params
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    let next: Hop = {url: parseUrl(url), method, headers: parseHeaders(headers), body}
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      if (!isHostAllowed(next.url, net)) {
        throw new HostError('HOST_API_DENIED', {method: `${METHOD} to ${next.url.host}`, id: plugin})
      }
      const response = await fetch(next.url, {
        method: next.method,
        headers: next.headers,
        redirect: 'manual',
        signal,
        ...(next.body !== undefined && {body: next.body}),
      })
      const location = response.headers.get('location')
      if (location === null || ![301, 302, 303, 307, 308].includes(response.status)) return await readAnswer(response)
      await response.body?.cancel()
      next = followRedirect(next, response.status, parseUrl(location, next.url))
    }
  } catch (error) {
    if (error instanceof HostError) throw error
    throw refuse(signal.aborted ? `no answer within ${timeoutMs} ms` : explain(error), error)
  }
  throw refuse(`more than ${MAX_REDIRECTS} redirects`)
}

interface Hop {
  url: URL
  method: string
  headers: Headers
  body: string | undefined
}

function followRedirect({url, method, headers, body}: Hop, status: number, target: URL): Hop {
  const carried = new Headers(headers)
  if (target.origin !== url.origin) for (const name of CREDENTIALS) carried.delete(name)
  const asGet = (status === 303 && method !== 'HEAD') || ((status === 301 || status === 302) && method === 'POST')
  if (!asGet) return {url: target, method, headers: carried, body}
  for (const name of ABOUT_BODY) carried.delete(name)
  return {url: target, method: 'GET', headers: carried, body: undefined}
}

function parseHeaders(given: {[name: string]: string}): Headers {
  const forbidden = Object.keys(given).find(name => FORBIDDEN.includes(name.toLowerCase()))
  if (forbidden) throw refuse(`the header "${forbidden}" is the host's own`)
  return new Headers(given)
}

function parseUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base)
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw refuse('the URL must begin with http: or https:')
  if (url.username || url.password) throw refuse('the URL must hold no credentials\nSend them as a header')
  return url
}

async function readAnswer(response: Response): Promise<FetchResult> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body ?? []) {
    bytes += part.byteLength
    if (bytes > MAX_BYTES) throw refuse(`the answer is larger than ${MAX_BYTES} bytes`)
    parts.push(part)
  }
  const body = new TextDecoder().decode(Buffer.concat(parts))
  return {status: response.status, headers: Object.fromEntries(response.headers), body}
}

/** fetch hides the reason (refused, no such host, a bad certificate) in the cause. */
function explain(error: unknown): string {
  const {message, cause} = error as Error
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message
}

function refuse(reason: string, cause?: unknown): HostError {
  return new HostError('HOST_API_FAILED', {method: METHOD, reason}, cause)
}
