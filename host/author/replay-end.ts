import {isDeepStrictEqual} from 'node:util'
import {createFrameReader, encodeFrame} from '../../runtime/framing.ts'
import {type Json, RPC_CODES} from '../../runtime/protocol.ts'
import {type Clock, delay} from '../clock.ts'
import type {OpenWire} from '../process/open-wire.ts'
import type {HostAnswer, WireMessage} from './trace.ts'

/** What the plugin asked the host then and now; undefined where it did not ask. */
export interface Question {
  method: string
  before?: unknown
  now?: unknown
}

/** The host's end of a wire, played from a trace. */
export interface ReplayEnd {
  send(message: WireMessage): void
  /** The plugin's answer; undefined when the process has ended or the time is over. */
  waitAnswer(id: number | string): Promise<WireMessage | undefined>
  /** So far: what it asked otherwise than in the trace, and what it did not ask. */
  listChangedQuestions(): Question[]
}

interface ReplayEndOptions {
  recorded: readonly HostAnswer[]
  clock: Clock
  /** Time for one answer, milliseconds. */
  timeoutMs: number
  /** Takes secrets out of what the plugin says. */
  redact: (message: WireMessage) => WireMessage
  signal: AbortSignal
}

export function openReplayEnd(
  wire: OpenWire,
  {recorded, clock, timeoutMs, redact, signal}: ReplayEndOptions,
): ReplayEnd {
  const answers = new Map<number | string, PromiseWithResolvers<WireMessage | undefined>>()
  const unasked = [...recorded]
  const changed: Question[] = []
  const gone = wire.ended.then(() => undefined)
  const send = (message: WireMessage): void => void wire.input.write(encodeFrame(message))

  function slot(id: number | string): PromiseWithResolvers<WireMessage | undefined> {
    const known = answers.get(id) ?? Promise.withResolvers<WireMessage | undefined>()
    answers.set(id, known)
    return known
  }

  function receive(message: WireMessage): void {
    const {id, method} = message
    if (id === undefined) return
    if (method === undefined) slot(id).resolve(redact(message))
    else send(toAnswer(id, method, takeAnswer(method, redact(message).params)))
  }

  /** That of the same question, else of the next one of its kind. */
  function takeAnswer(method: string, params: unknown): WireMessage | undefined {
    const same = unasked.findIndex(entry => entry.method === method && isDeepStrictEqual(entry.params, params))
    const index = same >= 0 ? same : unasked.findIndex(entry => entry.method === method)
    const [entry] = index >= 0 ? unasked.splice(index, 1) : []
    if (same < 0) changed.push({method, before: entry?.params, now: params})
    return entry?.answer
  }

  const reader = createFrameReader({onMessage: message => receive(Object(message) as WireMessage)})
  wire.output.on('data', (chunk: Buffer) => {
    try {
      reader.push(chunk)
    } catch {
      void wire.stop()
    }
  })

  return {
    send,
    listChangedQuestions: () => [...changed, ...unasked.map(({method, params}) => ({method, before: params}))],
    async waitAnswer(id) {
      signal.throwIfAborted()
      const waiting = new AbortController()
      const late = delay(clock, timeoutMs, AbortSignal.any([signal, waiting.signal])).catch(() => {})
      try {
        return (await Promise.race([slot(id).promise, gone, late])) ?? undefined
      } finally {
        waiting.abort()
        signal.throwIfAborted()
      }
    },
  }
}

function toAnswer(id: number | string, method: string, recorded: WireMessage | undefined): WireMessage {
  if (recorded) return {...recorded, id}
  const message = `Cannot answer ${method}: the trace has no answer to it`
  const data: Json = {code: 'HOST_API_FAILED', category: 'unavailable', message, retryable: false}
  return {jsonrpc: '2.0', id, error: {code: RPC_CODES.pluginError, message, data}}
}
