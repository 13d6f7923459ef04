import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {buffer} from 'node:stream/consumers'
import {Refusal} from './check.ts'
import {answerCall, type VendorCall} from './routes.ts'
import {createState, type ItsmState} from './state.ts'
import {createTokenDesk, type TokenDesk} from './tokens.ts'

/**
 * How one call is answered instead. `status` with `headers`; `silent` never; `cut` in the middle of the answer; `text` what is no
 * JSON; `done` makes the change first and then misbehaves.
 */
export interface Fault {
  status?: number
  headers?: {[name: string]: string}
  silent?: boolean
  cut?: boolean
  text?: string
  json?: object
  done?: boolean
}

/** The vendor's REST API, as its documentation tells it, on loopback. Strict in what it takes, and it misbehaves on demand. */
export interface ItsmServer {
  url: string
  state: ItsmState
  tokens: TokenDesk
  /** Authorised calls as they came: `GET /api/v1/request/1`. */
  calls: string[]
  /** For the next calls whose line contains `match`, one each. */
  fail(match: string, ...faults: Fault[]): void
  stop(): Promise<void>
}

export async function startItsmServer(): Promise<ItsmServer> {
  const state = createState()
  const tokens = createTokenDesk()
  const calls: string[] = []
  const faults: {match: string; fault: Fault}[] = []
  let remaining = 1000

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://localhost')
    const body = await buffer(request)
    const {authorization, 'content-type': type = ''} = request.headers
    const line = `${request.method} ${url.pathname}`
    const send = (status: number, answer: unknown, headers: {[name: string]: string} = {}): void => {
      const limits = {'x-ratelimit-limit': '1000', 'x-ratelimit-remaining': String(--remaining)}
      response.writeHead(status, {'content-type': 'application/json', ...limits, ...headers})
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
    }
    if (line === 'POST /api/oauth/token') {
      const fault = takeFault(line)
      if (fault) return misbehave(fault, response, send)
      if (!type.startsWith('multipart/form-data')) return send(415, {error: 'multipart form wanted'})
      const answer = tokens.answer(authorization, await readForm(body, type))
      return send(answer.status, answer.body)
    }
    if (!tokens.accepts(authorization)) return send(401, {error: 'invalid_token'})
    calls.push(line)
    const fault = takeFault(line)
    if (fault && !fault.done) return misbehave(fault, response, send)
    const answer = await answerSafely(
      {method: request.method ?? '', path: url.pathname, query: url.searchParams},
      body,
      type,
    )
    return fault ? misbehave(fault, response, send) : send(answer.status, answer.body)
  }

  async function answerSafely(
    call: Omit<VendorCall, 'body'>,
    body: Buffer,
    type: string,
  ): Promise<{status: number; body: unknown}> {
    try {
      return answerCall({...call, ...(await readBody(body, type))}, state)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return {status: error.status, body: {returnCode: 'FAILURE', status: 1, userMessage: error.message}}
    }
  }

  function takeFault(line: string): Fault | undefined {
    const index = faults.findIndex(({match}) => line.includes(match))
    return index < 0 ? undefined : faults.splice(index, 1)[0]?.fault
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(error => {
      response.writeHead(599).end(String(error))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    state,
    tokens,
    calls,
    fail: (match, ...more) => void faults.push(...more.map(fault => ({match, fault}))),
    async stop() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

type SendAnswer = (status: number, answer: unknown, headers?: {[name: string]: string}) => void

function misbehave(
  {status = 200, headers, silent, cut, text, json}: Fault,
  response: ServerResponse,
  send: SendAnswer,
): void {
  if (silent) return
  if (!cut) {
    send(status, text ?? json ?? {}, headers)
    return
  }
  response.writeHead(200, {'content-type': 'application/json', 'content-length': '100'})
  response.write('{"id": ', () => response.destroy())
}

async function readBody(body: Buffer, type: string): Promise<Pick<VendorCall, 'body' | 'file'>> {
  if (body.byteLength === 0) return {body: {}}
  if (type.startsWith('multipart/form-data')) {
    const file = (await readForm(body, type)).get('file')
    if (!(file instanceof File)) throw new Refusal('No file')
    return {body: {}, file: {name: file.name, type: file.type, data: Buffer.from(await file.arrayBuffer())}}
  }
  if (type !== 'application/json') throw new Refusal('JSON wanted', 415)
  return {body: JSON.parse(body.toString('utf8')) as {[key: string]: unknown}}
}

function readForm(body: Buffer, type: string): Promise<FormData> {
  return new Response(new Uint8Array(body), {headers: {'content-type': type}}).formData()
}
