import type {FastifyReply, FastifyRequest, HookHandlerDoneFunction} from 'fastify'
import {type Clock, type Config, type Host, HostError, type Principal} from './api.ts'
import {matchHostHeader} from './host-header.ts'
import {countRefusedTokens} from './refused-tokens.ts'
import {type Access, isAllowed, type Target} from './scope.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route asks of a token; every route must say. */
    access?: Access
  }
  interface FastifyRequest {
    /** Whose token it is; undefined on open routes. */
    principal: Principal | undefined
  }
}

export const MAX_HEADERS = 64

type Hook = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void

/**
 * Makes the hook in front of each route, by what the route asks of a token. Nothing asked means there is no such route,
 * which any valid token may learn. Synchronous and without lookups: it runs for each request.
 */
export function createGate(host: Host, config: Config['http'], {clock}: {clock: Clock}): (access?: Access) => Hook {
  const isOurName = matchHostHeader(config.host)
  const refused = countRefusedTokens(config.authFailuresPerMinute)

  function authenticate(request: FastifyRequest): Principal | HostError {
    const token = readBearer(request.headers.authorization)
    const principal = token === '' ? undefined : host.authenticate(token)
    if (principal) return principal
    const retryAfterMs = refused.record(request.ip, clock.elapsed())
    return retryAfterMs > 0 ? new HostError('TOKEN_ATTEMPTS', {retryAfterMs}) : new HostError('TOKEN_REFUSED')
  }

  function judge(request: FastifyRequest, access?: Access): HostError | undefined {
    // Node keeps the first headers and drops the rest without a word; a request read in part is not served.
    if (request.raw.rawHeaders.length > MAX_HEADERS * 2) return tooManyHeaders()
    const name = request.headers.host
    if (!isOurName(name)) return new HostError('HOST_HEADER_REFUSED', {host: name ?? ''})
    if (access === 'open') return undefined
    const principal = authenticate(request)
    if (principal instanceof HostError) return principal
    request.principal = principal
    if (access === undefined || mayPass(host, principal.scopes, access, request.params)) return undefined
    return new HostError('TOKEN_SCOPE', {action: `${request.method} ${request.url}`, scope: access})
  }

  return access => (request, reply, done) => {
    reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer')
    if (access !== 'open') reply.header('cache-control', 'no-store')
    done(judge(request, access))
  }
}

/** The token, or nothing. The scheme is case-insensitive, but nearly every client writes it in one way. */
function readBearer(header = ''): string {
  return header.startsWith('Bearer ') ? header.slice(7).trim() : (/^bearer +(\S+)$/i.exec(header)?.[1] ?? '')
}

function tooManyHeaders(): HostError {
  return new HostError('REQUEST_HEADERS_TOO_LARGE', {reason: `it has more than ${MAX_HEADERS} headers`})
}

/**
 * Looks the target up only for a token that is bound to some. Who may execute an action may also see and end what came of it,
 * and run it again.
 */
function mayPass(host: Host, scopes: readonly string[], access: Access, params: unknown): boolean {
  if (isAllowed(scopes, access)) return true
  const aboutExecution = Object(params).eid !== undefined && access !== 'admin'
  return (access === 'execute' || aboutExecution) && isAllowed(scopes, 'execute', findTarget(host, params))
}

/** A name that does not exist is no target: the answer is the same refusal, and tells nothing of what exists. */
function findTarget(host: Host, params: unknown): Target {
  const {rid, eid} = params as {rid?: string; eid?: string}
  try {
    if (eid !== undefined) return host.getExecution(eid)
    return rid === undefined ? {} : {registration: rid, plugin: host.getRegistration(rid).plugin}
  } catch (error) {
    if (error instanceof HostError) return rid === undefined ? {} : {registration: rid}
    throw error
  }
}
