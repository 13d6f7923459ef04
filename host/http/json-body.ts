import {isUtf8} from 'node:buffer'
import type {IncomingMessage} from 'node:http'
import type {FastifyInstance, FastifyRequest} from 'fastify'
import {type Clock, HostError} from './api.ts'

/** Nesting of arrays and objects in a body. */
export const MAX_DEPTH = 64

type Done = (error: Error | null, body?: unknown) => void
type ReadLimits = {bytes: number; timeoutMs: number; clock: Clock}

/**
 * Reads JSON bodies: counted, timed, UTF-8, shallow, without `__proto__` keys. Node's own request timeout is one for
 * all routes and has to suit uploads, so that of a JSON body is kept here.
 */
export function readJsonBodies(app: FastifyInstance, limits: ReadLimits): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', (request, payload: IncomingMessage, done: Done) => {
    collect(payload, limits, (error, bytes) => {
      const read = error ?? findFault(bytes) ?? parseText(parse, request, bytes.toString())
      if (read instanceof HostError) done(read)
      else done(null, read.body)
    })
  })
}

function collect(
  payload: IncomingMessage,
  {bytes: limit, timeoutMs, clock}: ReadLimits,
  done: (error: HostError | null, bytes: Buffer) => void,
): void {
  const chunks: Buffer[] = []
  let length = 0
  const cancel = clock.after(timeoutMs, () => finish(new HostError('REQUEST_TIMEOUT', {ms: timeoutMs})))

  function finish(error: HostError | null): void {
    cancel()
    payload.off('data', onData).off('end', onEnd).off('error', onError)
    done(error, chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, length))
  }
  function onData(chunk: Buffer): void {
    length += chunk.length
    if (length <= limit) chunks.push(chunk)
    else finish(tooLarge(limit))
  }
  const onEnd = (): void => finish(null)
  const onError = (cause: Error): void => finish(refuse('its body ended early', cause))

  if (Number(payload.headers['content-length']) > limit) finish(tooLarge(limit))
  else payload.on('data', onData).on('end', onEnd).on('error', onError)
}

function tooLarge(limit: number): HostError {
  return new HostError('REQUEST_TOO_LARGE', {reason: `its body has more than ${limit} bytes`})
}

function findFault(bytes: Buffer): HostError | undefined {
  if (!isUtf8(bytes)) return refuse('its body is not UTF-8')
  return isDeep(bytes) ? refuse(`its body is nested more than ${MAX_DEPTH} levels deep`) : undefined
}

function refuse(reason: string, cause?: unknown): HostError {
  return new HostError('REQUEST_INVALID', {reason}, cause)
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d]

/** Looks at the bytes before anything is built from them: one pass, no recursion. */
export function isDeep(bytes: Uint8Array, max = MAX_DEPTH): boolean {
  let depth = 0
  let quoted = false
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index]
    if (quoted) {
      if (byte === BACKSLASH) index += 1
      else if (byte === QUOTE) quoted = false
    } else if (byte === QUOTE) quoted = true
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth += 1
      if (depth > max) return true
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1
  }
  return false
}

type Parser = ReturnType<FastifyInstance['getDefaultJsonParser']>

/** An empty body is none. The parser calls back before it returns; going on outside of it keeps a later throw from being taken for bad JSON. */
function parseText(parse: Parser, request: FastifyRequest, text: string): {body: unknown} | HostError {
  const read: {error: Error | null; body: unknown} = {error: null, body: undefined}
  if (text === '') return read
  parse(request, text, (error: Error | null, body?: unknown) => Object.assign(read, {error, body}))
  if (read.error === null) return read
  const reason = isJson(text) ? 'its body has a "__proto__" or "constructor" key' : 'its body is not valid JSON'
  return refuse(reason, read.error)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
