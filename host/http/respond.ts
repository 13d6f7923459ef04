import type {IncomingHttpHeaders} from 'node:http'
import type {Socket} from 'node:net'
import type {FastifyInstance, FastifyReply, FastifyRequest} from 'fastify'
import {type Clock, HostError, type HttpLog} from './api.ts'
import {describeFailure} from './problem.ts'

export interface Route {
  method: string
  url: string
}

/** Time a client has to take its refusal and stop sending, milliseconds. */
const LINGER_MS = 5000

interface RespondOptions {
  log: HttpLog
  clock: Clock
  routes: readonly Route[]
}

/** Every way a request can fail ends here, as a problem document. */
export function respondToFailures(app: FastifyInstance, {log, clock, routes}: RespondOptions): void {
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, {log, clock}))
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const allow = listAllowedMethods(routes, path).join(', ')
    const error = allow
      ? new HostError('METHOD_NOT_ALLOWED', {method: request.method, route: path, allow})
      : new HostError('ROUTE_NOT_FOUND', {route: path})
    return sendProblem(error, request, reply, {log, clock})
  })
}

export function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  {log, clock}: Pick<RespondOptions, 'log' | 'clock'>,
): FastifyReply {
  const {status, headers, problem, unexpected} = describeFailure(error, request.id)
  const facts = {request: request.id, method: request.method, url: request.url, code: problem.code}
  if (unexpected) log.error({...facts, err: error}, problem.detail)
  else if (status >= 500) log.warn(facts, problem.detail)
  if (status !== 408) lingerOn(request, reply, clock)
  return reply
    .code(status)
    .headers(headers)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem))
}

/**
 * A client still sending its body would see a reset instead of the answer if the socket closed at once. So what it
 * sends is read and dropped for a moment, then the socket is cut.
 */
function lingerOn({raw}: FastifyRequest, reply: FastifyReply, clock: Clock): void {
  if (raw.complete || !hasBody(raw.headers)) return
  if (reply.hasHeader('connection')) reply.removeHeader('connection')
  raw.resume()
  const cancel = clock.after(LINGER_MS, () => raw.socket.destroy())
  raw.once('close', cancel)
  raw.once('end', cancel)
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** Methods that do exist for a path; empty when there is no such resource. */
export function listAllowedMethods(routes: readonly Route[], path: string): string[] {
  const parts = path.split('/')
  const fits = ({url}: Route): boolean => {
    const wanted = url.split('/')
    return (
      wanted.length === parts.length && wanted.every((part, index) => part.startsWith(':') || part === parts[index])
    )
  }
  return [...new Set(routes.filter(fits).map(route => route.method))].sort()
}

const CLIENT_ERRORS: {[code: string]: () => HostError} = {
  HPE_HEADER_OVERFLOW: () => new HostError('REQUEST_HEADERS_TOO_LARGE', {reason: 'its headers are too large'}),
  ERR_HTTP_REQUEST_TIMEOUT: () => new HostError('REQUEST_TIMEOUT', {ms: 'the time allowed,'}),
}

/** What node's parser refuses never becomes a request: answered on the bare socket, which is closed. */
export function refuseBadRequest(error: Error & {code?: string}, socket: Socket): void {
  // Nobody is there any more, or an answer has begun and bytes in the middle of it would be worse than none.
  if (error.code === 'ECONNRESET' || !socket.writable || hasBegunAnswer(socket)) return void socket.destroy(error)
  const refusal =
    CLIENT_ERRORS[error.code ?? ''] ?? (() => new HostError('REQUEST_INVALID', {reason: 'it is not HTTP'}))
  const {status, problem} = describeFailure(refusal(), 'none')
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${status} ${problem.title}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'x-content-type-options: nosniff',
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}

function hasBegunAnswer(socket: Socket): boolean {
  const {_httpMessage: message} = socket as Socket & {_httpMessage?: {headersSent: boolean} | null}
  return message?.headersSent === true
}
