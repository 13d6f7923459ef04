import {
  type Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as startRequest,
} from 'node:http'
import type {Socket} from 'node:net'
import type {Plan} from '../request/plan-request.ts'
import {openSocket, type Route} from './open-socket.ts'
import {portOf, showPeer} from './peer.ts'
import {readBody} from './read-body.ts'
import {TransportFailure, toTransportFailure} from './transport-failure.ts'

export interface RawAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
  /** False when the answer is longer than was read. */
  complete: boolean
}

export interface ExchangeOptions {
  signal: AbortSignal
  /** Read of the answer, unpacked. */
  maxBytes: number
  /** Connections to use again; a fresh one when left out. */
  agent: Agent | undefined
}

/** Sends one request and reads its answer; no redirects, no retries. Throws a TransportFailure. */
export async function exchange(plan: Plan, route: Route, options: ExchangeOptions): Promise<RawAnswer> {
  const {agent, signal, maxBytes} = options
  const peer = showPeer(plan.url)
  const connection = agent ? {agent} : {createConnection: useSocket(await openSocket(plan.url, route, signal))}
  const response = await send(plan, route, {...connection, signal})
  const status = response.statusCode ?? 0
  if (status === 407 && route.proxy) {
    response.destroy()
    throw new TransportFailure('proxy', showPeer(route.proxy.url), '407')
  }
  try {
    return {status, headers: response.headers, ...(await readBody(response, maxBytes))}
  } catch (error) {
    throw toTransportFailure(error, 'answer', peer)
  } finally {
    // What was not read must not hold the connection.
    if (!response.complete) response.destroy()
  }
}

type Connection = {signal: AbortSignal} & ({agent: Agent} | {createConnection: () => Socket})

function send(plan: Plan, route: Route, connection: Connection): Promise<IncomingMessage> {
  const {url, method} = plan
  const secure = url.protocol === 'https:'
  const body = plan.body === undefined ? undefined : Buffer.from(plan.body)
  const request = startRequest({
    ...connection,
    method,
    host: url.hostname,
    port: portOf(url),
    // A proxy that is not tunnelled through reads the whole address from the request line.
    path: route.proxy && !secure ? `${url.origin}${url.pathname}${url.search}` : `${url.pathname}${url.search}`,
    headers: composeHeaders(plan, route, body),
  })
  const answered = waitForAnswer(request, showPeer(url))
  request.end(body)
  return answered
}

function composeHeaders({url, headers}: Plan, {proxy}: Route, body: Buffer | undefined): {[name: string]: string} {
  const forProxy = proxy && url.protocol === 'http:' ? proxy.authorization : undefined
  return {
    Host: url.host,
    ...Object.fromEntries([...headers.values()].map(({name, value}) => [name, value])),
    'Accept-Encoding': 'gzip, br',
    ...(body && {'Content-Length': String(body.length)}),
    ...(forProxy && {'Proxy-Authorization': forProxy}),
  }
}

function waitForAnswer(request: ClientRequest, peer: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let phase: 'connect' | 'send' = 'connect'
    const fail = (error: unknown): void => reject(toTransportFailure(error, phase, peer))
    request
      // The request has a connection that stands: from here on it may arrive.
      .once('socket', () => {
        phase = 'send'
      })
      .once('response', resolve)
      .once('upgrade', (_, socket) => {
        socket.destroy()
        fail(undefined)
      })
      // Kept for good: an error after the answer began comes here too, and is told by reading the answer.
      .on('error', fail)
      .once('close', () => fail(undefined))
  })
}

function useSocket(socket: Socket): () => Socket {
  return () => socket
}
