import {connect} from 'node:net'
import {type Config, type ConfigInput, loadConfig} from '../../host/config.ts'
import type {HttpLog} from '../../host/http/api.ts'
import {startHttp} from '../../host/http/server.ts'
import {createMemoryHost, type MemoryHost} from './memory-host.ts'

export interface LoggedLine {
  level: 'info' | 'warn' | 'error'
  fields: object
  message: string
}

export interface Served {
  url: string
  port: number
  host: MemoryHost
  logged: LoggedLine[]
  close: (options?: {graceMs?: number}) => Promise<void>
  /** With the administrator's token unless told otherwise; a body that is no text or bytes goes as JSON. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
}

export interface CallOptions {
  token?: string | null
  body?: unknown
  headers?: {[name: string]: string}
  signal?: AbortSignal
}

export interface Answer {
  status: number
  headers: Headers
  text: string
  json: unknown
}

/** Runs with a real server on a free port of loopback, in front of a host in memory. */
export async function withHttp<T>(
  run: (served: Served) => Promise<T>,
  settings: NonNullable<ConfigInput['http']> = {},
): Promise<T> {
  const host = createMemoryHost()
  const logged: LoggedLine[] = []
  const config: Config['http'] = loadConfig({http: {port: 0, ...settings}}).http
  const {url, close} = await startHttp(host, config, recordLog(logged))
  try {
    const port = Number(new URL(url).port)
    return await run({
      url,
      port,
      host,
      logged,
      close,
      call: (method, path, options) => callHttp(url, method, path, options),
    })
  } finally {
    await close({graceMs: 0})
  }
}

function recordLog(logged: LoggedLine[]): HttpLog {
  const record = (level: LoggedLine['level']) => (fields: object, message: string) =>
    void logged.push({level, fields, message})
  return {info: record('info'), warn: record('warn'), error: record('error')}
}

/** One request and its whole answer. */
export async function callHttp(url: string, method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const {token = 'admin-token', body, headers = {}, signal} = options
  const raw = typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData
  const response = await fetch(new URL(path, url), {
    method,
    headers: {
      ...(token !== null && {authorization: `Bearer ${token}`}),
      ...(body !== undefined && !raw && {'content-type': 'application/json'}),
      ...headers,
    },
    ...(body !== undefined && {body: raw ? (body as string) : JSON.stringify(body)}),
    ...(signal && {signal}),
  })
  const text = await response.text()
  const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '')
  const json: unknown = isJson ? JSON.parse(text) : undefined
  return {status: response.status, headers: response.headers, text, json}
}

/** Sends bytes as they are and gives back all that came until the server closed the connection. */
export function sendRaw(port: number, bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.on('data', chunk => (text += chunk))
    socket.on('error', error => ('code' in error && error.code === 'ECONNRESET' ? resolve(text) : reject(error)))
    socket.on('close', () => resolve(text))
  })
}
