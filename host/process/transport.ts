import type {Readable, Writable} from 'node:stream'
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
  type MessageWriter,
} from 'vscode-jsonrpc'
import {createFrameReader, encodeFrame, FramingError} from '../../runtime/framing.ts'

/** So many calls in a row without another one beside them, and it is one caller who waits for each. */
const LONE_CALLS = 4

export interface TransportHooks {
  /** The stream broke the rules: the process cannot go on. */
  onBreach(error: Error): void
  /** Log lines and progress: taken here, as the library would queue them without bound. */
  onNotification(method: string, params: unknown): void
  onTrace?: ((direction: 'toPlugin' | 'fromPlugin', message: unknown) => void) | undefined
  /** Bytes between frames, where the platform cannot keep prints off the wire. */
  onStray?: (bytes: Buffer) => void
}

export interface Transport {
  reader: MessageReader
  writer: MessageWriter
  /** When anything last came in, milliseconds since 1970. */
  readonly lastHeardAt: number
  /** Messages and bytes that have not left yet. */
  readonly queued: {messages: number; bytes: number}
  /** Since when nothing has left although something waits to; undefined when nothing does. */
  readonly stuckSince: number | undefined
}

interface Incoming {
  jsonrpc?: unknown
  id?: unknown
  method?: unknown
  params?: unknown
  result?: unknown
  error?: unknown
}

/** Our bounded reader and batching writer, in the shapes the JSON-RPC library takes. */
export function createTransport(input: Readable, output: Writable, hooks: TransportHooks): Transport {
  /** Requests of ours without an answer: an answer to anything else is a stray. */
  const asked = new Set<unknown>()
  let lastHeardAt = Date.now()
  /** Calls in a row that found no other one on its way. */
  let loneCalls = 0
  let batch = ''
  let batched = 0
  /** Messages of the write that is stuck, and of those behind it. */
  let head = 0
  let behind = 0
  let stuckSince: number | undefined

  function receive(raw: unknown, deliver: DataCallback): void {
    hooks.onTrace?.('fromPlugin', raw)
    const message = checkMessage(raw)
    if (message.method === undefined) {
      if (asked.delete(message.id)) deliver(message as Message)
      else hooks.onNotification('strayAnswer', {id: message.id})
    } else if (message.id === undefined) hooks.onNotification(message.method as string, message.params)
    else deliver(message as Message)
  }

  class Reader extends AbstractMessageReader {
    listen(deliver: DataCallback): Disposable {
      const frames = createFrameReader({
        onMessage: message => receive(message, deliver),
        ...(hooks.onStray && {onStray: hooks.onStray}),
      })
      const onData = (chunk: Buffer): void => {
        lastHeardAt = Date.now()
        try {
          frames.push(chunk)
        } catch (error) {
          input.off('data', onData)
          hooks.onBreach(error as Error)
        }
      }
      input.on('data', onData)
      return {dispose: () => void input.off('data', onData)}
    }
  }

  class Writer extends AbstractMessageWriter {
    write(message: Message): Promise<void> {
      hooks.onTrace?.('toPlugin', message)
      const {id, method} = message as Incoming
      loneCalls = asked.size === 0 ? loneCalls + 1 : 0
      if (id !== undefined && method !== undefined) asked.add(id)
      batch += encodeFrame(message)
      // With one call at a time each leaves at once. Else what one turn of the event loop sends leaves in one write.
      if (batched++ === 0) {
        if (loneCalls > LONE_CALLS) leave()
        else setImmediate(leave)
      }
      return WRITTEN
    }
    end(): void {
      output.end()
    }
  }

  function leave(): void {
    const count = batched
    const text = batch
    batch = ''
    batched = 0
    if (output.writableLength > 0) {
      behind += count
      output.write(text, 'utf8', () => {
        behind -= count
        stuckSince = Date.now()
      })
      return
    }
    // No callback: nearly every write is done when it returns, and hearing of it later costs more than looking.
    output.write(text, 'utf8')
    head = count
    stuckSince = output.writableLength > 0 ? Date.now() : undefined
  }

  return {
    reader: new Reader(),
    writer: new Writer(),
    get lastHeardAt() {
      return lastHeardAt
    },
    get queued() {
      const bytes = output.writableLength
      return {messages: (bytes > 0 ? head + behind : 0) + batched, bytes: bytes + batch.length}
    },
    get stuckSince() {
      return output.writableLength > 0 ? stuckSince : undefined
    },
  }
}

const WRITTEN = Promise.resolve()

/** The library trusts its peer: an answer without result and error would never settle, a null would throw inside it. */
function checkMessage(raw: unknown): Incoming {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw new FramingError('a message is no object')
  const message = raw as Incoming
  if (message.jsonrpc !== '2.0') throw new FramingError('a message is not of JSON-RPC 2.0')
  if (message.id !== undefined && !isId(message.id))
    throw new FramingError('a message has an id that is no number and no short string')
  if (message.method !== undefined) {
    if (typeof message.method !== 'string') throw new FramingError('a message has a method that is no string')
    if (message.params !== undefined && (typeof message.params !== 'object' || message.params === null))
      throw new FramingError('a message has params that are no object')
    return message
  }
  if (message.id === undefined) throw new FramingError('a message has neither method nor id')
  if ((message.result === undefined) === (message.error === undefined))
    throw new FramingError('an answer has not exactly one of result and error')
  if (message.error !== undefined && !isErrorObject(message.error))
    throw new FramingError('an answer has an error without code and message')
  return message
}

function isId(id: unknown): boolean {
  return Number.isSafeInteger(id) || (typeof id === 'string' && id.length <= 64)
}

function isErrorObject(error: unknown): boolean {
  const {code, message} = Object(error) as {code?: unknown; message?: unknown}
  return Number.isSafeInteger(code) && typeof message === 'string'
}
