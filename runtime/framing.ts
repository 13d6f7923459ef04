/**
 * Frames on a byte stream, the same code on both ends: bounded, and linear in what comes in.
 * The grammar is the base protocol of LSP 3.17: header fields, an empty line, then `Content-Length` bytes of UTF-8 JSON.
 */
import {isUtf8} from 'node:buffer'
import {WIRE_LIMITS} from './protocol.ts'

/** The stream broke the rules; the connection cannot go on. */
export class FramingError extends Error {
  override readonly name = 'FramingError'
}

export interface FrameLimits {
  headerBytes: number
  frameBytes: number
  depth: number
}

export interface FrameReaderOptions {
  onMessage(message: unknown): void
  /** Where bytes that are no frame go. Without it they are a breach. */
  onStray?: (bytes: Buffer) => void
  limits?: FrameLimits
}

const PREFIX = Buffer.from('Content-Length: ')
const HEADER_END = Buffer.from('\r\n\r\n')
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor'])
/** Below this a frame of nothing but brackets still parses in no time, so depth is looked at after parsing. */
const PRESCAN_BYTES = 1024 * 1024

/** Feed it chunks; it hands out parsed messages. `push` throws FramingError on a breach, and must not be called after one. */
export function createFrameReader(options: FrameReaderOptions): {push(chunk: Buffer): void} {
  const limits = options.limits ?? WIRE_LIMITS
  let chunks: Buffer[] = []
  let size = 0
  /** Bytes of the body awaited; -1 while in a header. */
  let awaited = -1

  function push(chunk: Buffer): void {
    chunks.push(chunk)
    size += chunk.length
    // A body is joined once, when it is whole: joining at every chunk would be quadratic.
    if (awaited > size) return
    let data = chunks.length === 1 ? chunk : Buffer.concat(chunks, size)
    for (;;) {
      if (awaited === -1) {
        if (options.onStray) data = data.subarray(skipStray(data, options.onStray))
        const header = readHeader(data)
        if (header === undefined) break
        awaited = header.length
        data = data.subarray(header.bytes)
      }
      if (data.length < awaited) break
      const body = data.subarray(0, awaited)
      data = data.subarray(awaited)
      awaited = -1
      options.onMessage(parseBody(body, limits.depth))
    }
    chunks = data.length > 0 ? [data] : []
    size = data.length
  }

  function readHeader(data: Buffer): {length: number; bytes: number} | undefined {
    const end = data.indexOf(HEADER_END)
    if (end === -1 && data.length <= limits.headerBytes && startsLikeHeader(data.subarray(0, PREFIX.length)))
      return undefined
    if (end === -1 || end > limits.headerBytes) throw breach('a header', data)
    const length = parseHeader(data.subarray(0, end))
    if (length > limits.frameBytes)
      throw new FramingError(`a frame of ${length} bytes is over the limit of ${limits.frameBytes}`)
    return {length, bytes: end + HEADER_END.length}
  }

  return {push}
}

function startsLikeHeader(bytes: Buffer): boolean {
  const text = bytes.toString('latin1').toLowerCase()
  return 'content-length: '.startsWith(text) || 'content-type: '.startsWith(text.slice(0, 14))
}

/** Hands on everything before the next `Content-Length: ` (or what may be its beginning), and says where that starts. */
function skipStray(data: Buffer, onStray: (bytes: Buffer) => void): number {
  let start = data.indexOf(PREFIX)
  if (start === -1) {
    start = Math.max(0, data.length - PREFIX.length + 1)
    while (start < data.length && !data.subarray(start).equals(PREFIX.subarray(0, data.length - start))) start++
  }
  if (start > 0) onStray(data.subarray(0, start))
  return start
}

function parseHeader(header: Buffer): number {
  let length: string | undefined
  for (const line of header.toString('latin1').split('\r\n')) {
    const [, name, value] = /^([A-Za-z-]+): *(.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw breach('a header line', header)
    if (name.toLowerCase() === 'content-type') continue
    if (name.toLowerCase() !== 'content-length' || length !== undefined || !/^[0-9]{1,9}$/.test(value))
      throw breach('a header', header)
    length = value
  }
  if (length === undefined) throw breach('a header without Content-Length', header)
  return Number(length)
}

function breach(what: string, bytes: Buffer): FramingError {
  const sample = bytes.subarray(0, 64)
  return new FramingError(
    `${what} is not of the protocol: ${JSON.stringify(sample.toString('latin1'))} (hex ${sample.toString('hex')})`,
  )
}

function parseBody(body: Buffer, depth: number): unknown {
  if (body.length === 0) throw new FramingError('a frame is empty')
  if (!isUtf8(body)) throw new FramingError('a frame is not UTF-8')
  if (body.length > PRESCAN_BYTES) scanDepth(body, depth)
  let message: unknown
  try {
    message = JSON.parse(body.toString('utf8'))
  } catch (error) {
    throw new FramingError(`a frame is not JSON: ${(error as Error).message}`)
  }
  checkValue(message, depth)
  return message
}

/** Nesting by brackets outside strings, before anything is built from them. */
function scanDepth(body: Buffer, limit: number): void {
  let depth = 0
  let inString = false
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]
    if (inString) {
      if (byte === 0x5c) i++
      else if (byte === 0x22) inString = false
    } else if (byte === 0x22) inString = true
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > limit) throw new FramingError(`a frame nests deeper than ${limit}`)
    } else if (byte === 0x5d || byte === 0x7d) depth--
  }
}

/** Depth and forbidden keys; at most `limit` calls deep, so it cannot overflow the stack. */
function checkValue(value: unknown, limit: number): void {
  if (typeof value !== 'object' || value === null) return
  if (limit === 0) throw new FramingError(`a frame nests deeper than ${WIRE_LIMITS.depth}`)
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && item !== null) checkValue(item, limit - 1)
    return
  }
  for (const key in value) {
    if (FORBIDDEN_KEYS.has(key)) throw new FramingError(`a frame has the key "${key}"`)
    const item = (value as {[key: string]: unknown})[key]
    if (typeof item === 'object' && item !== null) checkValue(item, limit - 1)
  }
}

/** A message as a frame, ready to be joined with others and written as UTF-8. */
export function encodeFrame(message: object): string {
  const body = JSON.stringify(message)
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}
