import {isUtf8} from 'node:buffer'
import type {IncomingMessage} from 'node:http'
import type {FastifyInstance, FastifyRequest} from 'fastify'
import {type Clock, HostError} from './api.ts'
import {type BodyTimer, startBodyTimer, type Timed} from './body-timer.ts'
import {isDeep, MAX_DEPTH} from './json-depth.ts'

type Done = (error: Error | null, body?: unknown) => void
type Limits = {bytes: number; timeoutMs: number}

/**
 * Reads JSON bodies: counted, timed, UTF-8, shallow, without `__proto__` keys. Node's own request timeout is one for
 * all routes and has to suit uploads, so that of a JSON body is kept here.
 */
export function readJsonBodies(app: FastifyInstance, limits: Limits, {clock}: {clock: Clock}): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  const timer = startBodyTimer(limits.timeoutMs, clock)
  app.addHook('onClose', async () => timer.stop())
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', (request, payload: IncomingMessage, done: Done) => {
    collect(payload, {limits, timer}, (error, bytes) => {
      const read = error ?? findFault(bytes) ?? parseText(parse, request, bytes.toString())
      if (read instanceof HostError) done(read)
      else done(null, read.body)
    })
  })
  app.addContentTypeParser('*', (request, _payload, done: Done) => {
    done(new HostError('REQUEST_MEDIA_TYPE', {type: request.headers['content-type'] ?? 'none'}))
  })
}

/** Bodies of plain text, for the routes of one scope: counted, timed and UTF-8 as well. JSON is none. */
export function readTextBodies(scope: FastifyInstance, types: string[], limits: Limits, {clock}: {clock: Clock}): void {
  const timer = startBodyTimer(limits.timeoutMs, clock)
  scope.addHook('onClose', async () => timer.stop())
  scope.removeContentTypeParser('application/json')
  scope.addContentTypeParser(types, (_request, payload: IncomingMessage, done: Done) => {
    collect(payload, {limits, timer}, (error, bytes) => {
      const fault = error ?? (isUtf8(bytes) ? null : refuse('its body is not UTF-8'))
      done(fault, fault ? undefined : bytes.toString())
    })
  })
}

const NO_BYTES = Buffer.alloc(0)

function collect(
  payload: IncomingMessage,
  {limits, timer}: {limits: Limits; timer: BodyTimer},
  done: (error: HostError | null, bytes: Buffer) => void,
): void {
  const chunks: Buffer[] = []
  let length = 0
  let ended = false
  const timed: Timed = {
    lastLook: 0,
    expire: () => finish(new HostError('REQUEST_TIMEOUT', {ms: limits.timeoutMs})),
  }

  function finish(error: HostError | null): void {
    if (ended) return
    ended = true
    timer.delete(timed)
    const [first = NO_BYTES] = chunks
    done(error, chunks.length > 1 ? Buffer.concat(chunks, length) : first)
  }

  timer.add(timed)
  if (Number(payload.headers['content-length']) > limits.bytes) finish(tooLarge(limits.bytes))
  payload
    .on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > limits.bytes) finish(tooLarge(limits.bytes))
      // What comes after a refusal is read and dropped.
      if (!ended) chunks.push(chunk)
    })
    .on('end', () => finish(null))
    .on('error', cause => finish(refuse('its body ended early', cause)))
}

function tooLarge(limit: number): HostError {
  return new HostError('REQUEST_TOO_LARGE', {reason: `its body has more than ${limit} bytes`})
}

function refuse(reason: string, cause?: unknown): HostError {
  return new HostError('REQUEST_INVALID', {reason}, cause)
}

function findFault(bytes: Buffer): HostError | undefined {
  if (!isUtf8(bytes)) return refuse('its body is not UTF-8')
  return isDeep(bytes) ? refuse(`its body is nested more than ${MAX_DEPTH} levels deep`) : undefined
}

type Parser = ReturnType<FastifyInstance['getDefaultJsonParser']>

/** An empty body is none. The parser calls back before it returns; going on outside of it keeps a later throw from being taken for bad JSON. */
function parseText(parse: Parser, request: FastifyRequest, text: string): {body: unknown} | HostError {
  let failure: unknown = null
  let body: unknown
  if (text === '') return {body}
  parse(request, text, (error: Error | null, value?: unknown) => {
    failure = error
    body = value
  })
  if (failure === null) return {body}
  const reason = isJson(text) ? 'its body has a "__proto__" or "constructor" key' : 'its body is not valid JSON'
  return refuse(reason, failure)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
