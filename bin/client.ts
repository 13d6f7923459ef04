import {Failure, type FailureReport} from './failure.ts'
import {findServer, type ServerAddress, type ServerOptions} from './find-server.ts'

export interface RequestOptions {
  query?: {[name: string]: string | number | boolean | undefined}
  /** Sent as JSON. */
  json?: unknown
  /** Sent as it is. */
  body?: {data: ReadableStream<Uint8Array>; type: string; bytes: number}
  signal: AbortSignal
}

/** A running server, by its HTTP. Every refusal is thrown as a Failure with the server's own code and words. */
export interface Client {
  readonly url: URL
  /** The answer's JSON; undefined where there is none. */
  request<T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, options: RequestOptions): Promise<T>
  /** The answer's body as it comes. */
  open(path: string, options: RequestOptions): Promise<ReadableStream<Uint8Array>>
}

export async function createClient(options: ServerOptions): Promise<Client> {
  const server = await findServer(options)
  return {
    url: server.url,
    request: async <T>(method: string, path: string, given: RequestOptions): Promise<T> => {
      const response = await send(server, method, path, given)
      const text = await response.text()
      return (text === '' ? undefined : parseAnswer(text, server.url)) as T
    },
    open: async (path, given) => {
      const {body} = await send(server, 'GET', path, given)
      return body ?? new ReadableStream({start: controller => controller.close()})
    },
  }
}

/** A path from its parts, each of them escaped. */
export function joinPath(...parts: string[]): string {
  return `/${parts.map(encodeURIComponent).join('/')}`
}

async function send(server: ServerAddress, method: string, path: string, options: RequestOptions): Promise<Response> {
  const url = new URL(`${server.url.pathname.replace(/\/$/, '')}${path}`, server.url)
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  let response: Response
  try {
    response = await fetch(url, composeRequest(server, method, options))
  } catch (error) {
    options.signal.throwIfAborted()
    throw unreachable(server.url, error)
  }
  if (!response.ok) throw await readRefusal(response, server)
  return response
}

function composeRequest({token}: ServerAddress, method: string, {json, body, signal}: RequestOptions): RequestInit {
  const headers = new Headers({accept: 'application/json, application/problem+json, text/event-stream'})
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  if (body) {
    headers.set('content-type', body.type)
    headers.set('content-length', String(body.bytes))
    // fetch insists on saying that the answer may only come after the whole body.
    return {method, headers, body: body.data, duplex: 'half', redirect: 'error', signal} as RequestInit
  }
  if (json !== undefined) headers.set('content-type', 'application/json')
  return {method, headers, redirect: 'error', signal, ...(json !== undefined && {body: JSON.stringify(json)})}
}

function unreachable(url: URL, error: unknown): Failure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const state =
    code === 'ECONNREFUSED' ? 'nothing listens there' : cause instanceof Error ? cause.message : String(cause)
  const remedy = 'Start the server with "plugin-host serve", or name another with --url'
  return new Failure('SERVER_UNREACHABLE', `Cannot reach the server at ${url.origin}: ${state || code}`, remedy)
}

async function readRefusal(response: Response, server: ServerAddress): Promise<Failure> {
  const text = await response.text().catch(() => '')
  const problem = parseProblem(text)
  if (!problem) {
    const state = `it answered ${response.status} ${response.statusText}`.trim()
    return new Failure('SERVER_REFUSED', `Cannot use the server at ${server.url.origin}: ${state}`, 'Check --url')
  }
  if (response.status === 401 && server.token === undefined) {
    return new Failure(problem.code, problem.message, 'Give its token with --token or PLUGIN_HOST_TOKEN')
  }
  return new Failure(problem.code, problem.message, problem.remedy, problem.details)
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
