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
const DIGITS = 9
const NOTHING = Buffer.alloc(0)
/** Below this a frame of nothing but brackets still parses in no time, so depth is looked at after parsing. */
const PRESCAN_BYTES = 1024 * 1024

/**
 * Feed it chunks, which may be used again afterwards; it hands out parsed messages. `push` throws FramingError on a breach, and must
 * not be called after one.
 */
export function createFrameReader(options: FrameReaderOptions): {push(chunk: Buffer): void} {
  const limits = options.limits ?? WIRE_LIMITS
  /** The beginning of a header. */
  let head = NOTHING
  /** A body that comes in pieces: copied once, where joining at every chunk would be quadratic. */
  let body = NOTHING
  let filled = 0

  function push(chunk: Buffer): void {
    if (body.length > 0) readFrames(chunk, fill(chunk))
    else if (head.length > 0) readFrames(Buffer.concat([head, chunk]), 0)
    else readFrames(chunk, 0)
  }

  /** Returns where the body's bytes end. */
  function fill(chunk: Buffer): number {
    const copied = chunk.copy(body, filled)
    filled += copied
    if (filled === body.length) {
      const whole = body
      body = NOTHING
      options.onMessage(parseBody(whole, 0, whole.length, limits.depth))
    }
    return copied
  }

  function readFrames(data: Buffer, from: number): void {
    let at = from
    head = NOTHING
    while (at < data.length) {
      if (options.onStray) at += skipStray(data.subarray(at), options.onStray)
      const header = findPlainEnd(data, at)
      const start = header === -1 ? findEnd(data, at) : header + HEADER_END.length
      if (start === -1) {
        head = Buffer.from(data.subarray(at))
        return
      }
      const length =
        header === -1 ? parseHeader(data.subarray(at, start - HEADER_END.length)) : readDigits(data, at, header)
      if (length > limits.frameBytes)
        throw new FramingError(`a frame of ${length} bytes is over the limit of ${limits.frameBytes}`)
      at = start + length
      if (at > data.length) {
        body = Buffer.allocUnsafe(length)
        filled = data.copy(body, 0, start)
        return
      }
      options.onMessage(parseBody(data, start, at, limits.depth))
    }
  }

  /** Where the body starts after a header of any kind; -1 when there is more of the header to come. */
  function findEnd(data: Buffer, at: number): number {
    const end = data.indexOf(HEADER_END, at)
    if (end === -1 && data.length - at <= limits.headerBytes && startsLikeHeader(data.subarray(at, at + PREFIX.length)))
      return -1
    if (end === -1 || end - at > limits.headerBytes) throw breach('a header', data.subarray(at))
    return end + HEADER_END.length
  }

  return {push}
}

/** Where the digits end of the header that nearly everybody writes, looked at without making a text of it; -1 for any other. */
function findPlainEnd(data: Buffer, at: number): number {
  for (let index = 0; index < PREFIX.length; index++) if (data[at + index] !== PREFIX[index]) return -1
  const start = at + PREFIX.length
  let end = start
  for (let byte = data[end] ?? 0; byte >= 0x30 && byte <= 0x39; byte = data[end] ?? 0) end++
  if (end === start || end - start > DIGITS) return -1
  for (let index = 0; index < HEADER_END.length; index++) if (data[end + index] !== HEADER_END[index]) return -1
  return end
}

function readDigits(data: Buffer, at: number, end: number): number {
  let value = 0
  for (let index = at + PREFIX.length; index < end; index++) value = value * 10 + (data[index] ?? 0) - 0x30
  return value
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

function parseBody(data: Buffer, start: number, end: number, depth: number): unknown {
  if (end === start) throw new FramingError('a frame is empty')
  const text = data.toString('utf8', start, end)
  // The decoder puts this mark in place of what is not UTF-8; a text may also hold it by itself.
  if (text.includes('\ufffd') && !isUtf8(data.subarray(start, end))) throw new FramingError('a frame is not UTF-8')
  if (end - start > PRESCAN_BYTES) scanDepth(data.subarray(start, end), depth)
  let message: unknown
  try {
    message = JSON.parse(text)
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
    if (key === '__proto__' || key === 'constructor') throw new FramingError(`a frame has the key "${key}"`)
    const item = (value as {[key: string]: unknown})[key]
    if (typeof item === 'object' && item !== null) checkValue(item, limit - 1)
  }
}

/** A message as a frame, ready to be joined with others and written as UTF-8. */
export function encodeFrame(message: object): string {
  const body = JSON.stringify(message)
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}
