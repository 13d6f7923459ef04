import {METHODS} from '../../runtime/protocol.ts'
import type {TraceDirection} from '../process/types.ts'

/** A JSON-RPC message as it is in a trace. */
export interface WireMessage {
  jsonrpc: '2.0'
  id?: number | string
  method?: string
  params?: unknown
  result?: unknown
  error?: unknown
}

/** One line of a wire trace. */
export interface TraceEntry {
  /** Milliseconds since 1970. */
  at: number
  direction: TraceDirection
  message: WireMessage
}

/** One process from its `initialize` on. */
export type TraceSegment = readonly TraceEntry[]

export const isRequest = ({id, method}: WireMessage): boolean => id !== undefined && method !== undefined
export const isAnswer = ({id, method}: WireMessage): boolean => id !== undefined && method === undefined

/** A trace in which the plugin was restarted is that of several processes; what comes before the first `initialize` is none. */
export function splitTrace(entries: readonly TraceEntry[]): TraceSegment[] {
  const segments: TraceEntry[][] = []
  for (const entry of entries) {
    if (entry.direction === 'toPlugin' && entry.message.method === METHODS.initialize) segments.push([])
    segments.at(-1)?.push(entry)
  }
  return segments
}

/** What the plugin asked the host, each with the answer it got; undefined where it got none. */
export interface HostAnswer {
  method: string
  params: unknown
  answer: WireMessage | undefined
}

export function listHostAnswers(segment: TraceSegment): HostAnswer[] {
  const answers = new Map(
    segment.filter(({direction, message}) => direction === 'toPlugin' && isAnswer(message)).map(toIdAndMessage),
  )
  return segment.flatMap(({direction, message}) => {
    const {id, method, params} = message
    if (direction !== 'fromPlugin' || id === undefined || method === undefined) return []
    return [{method, params, answer: answers.get(id)}]
  })
}

function toIdAndMessage({message}: TraceEntry): [number | string | undefined, WireMessage] {
  return [message.id, message]
}
