import type {JsonObject} from '../../runtime/protocol.ts'
import {type Clock, systemClock} from '../clock.ts'
import type {Manifest} from '../manifest.ts'
import {createLineSplitter} from '../process/log-lines.ts'
import {redactMessage} from '../redact-message.ts'
import {configSchema} from '../registry/parse-config.ts'
import {createRedactor} from '../registry/redact.ts'
import {listSecrets} from '../registry/secret-fields.ts'
import {compareJson, type Difference} from './compare-json.ts'
import type {PluginWire} from './plugin-wire.ts'
import {openReplayEnd, type ReplayEnd} from './replay-end.ts'
import {adaptRequest, dropVolatile, isReplayed} from './replay-request.ts'
import {
  isAnswer,
  isRequest,
  listHostAnswers,
  splitTrace,
  type TraceEntry,
  type TraceSegment,
  type WireMessage,
} from './trace.ts'

/** `/result/...` and `/error/...` are of an answer, `/params/...` of what the plugin asked the host. */
export interface ReplayDifference extends Difference {
  method: string
  /** Of the request in the trace; null for what the plugin asked. */
  id: number | string | null
}

export interface ReplayReport {
  /** Requests that were made again. */
  requests: number
  differences: ReplayDifference[]
}

export interface ReplayOptions {
  manifest: Manifest
  /** Stands in for the recorded one, whose secrets are masked. */
  config?: JsonObject | undefined
  /** Time for each answer, milliseconds. */
  timeoutMs?: number | undefined
  onPrint?: (line: string) => void
  signal: AbortSignal
}

const ANSWER_MS = 30_000

/** Makes the requests of a trace again, in their order, and tells every answer that differs from the recorded one. */
export async function replayTrace(
  entries: readonly TraceEntry[],
  wire: PluginWire,
  options: ReplayOptions,
): Promise<ReplayReport> {
  const reports: ReplayReport[] = []
  for (const segment of splitTrace(entries)) reports.push(await replaySegment(segment, wire, options))
  return {
    requests: reports.reduce((total, {requests}) => total + requests, 0),
    differences: reports.flatMap(({differences}) => differences),
  }
}

async function replaySegment(
  segment: TraceSegment,
  {spec, start}: PluginWire,
  {manifest, config, timeoutMs = ANSWER_MS, onPrint = () => {}, signal}: ReplayOptions,
): Promise<ReplayReport> {
  const clock: Clock = systemClock
  const process = await start()
  const lines = createLineSplitter(onPrint)
  process.prints.on('data', (chunk: Buffer) => lines.push(chunk))
  const redactor = createRedactor(config ? listSecrets(configSchema(manifest), config) : [])
  const redact = (message: WireMessage): WireMessage => redactMessage(message, manifest, redactor) as WireMessage
  const end = openReplayEnd(process, {recorded: listHostAnswers(segment), clock, timeoutMs, redact, signal})
  try {
    return await play(segment, end, entry => adaptRequest(entry, {spec, config, now: clock.now()}))
  } finally {
    await process.stop()
    lines.end()
  }
}

async function play(
  segment: TraceSegment,
  end: ReplayEnd,
  adapt: (entry: TraceEntry) => WireMessage,
): Promise<ReplayReport> {
  const asked = new Map<number | string, string>()
  const differences: ReplayDifference[] = []
  let requests = 0

  async function settle(id: number | string, before: WireMessage | undefined): Promise<void> {
    const method = asked.get(id)
    if (method === undefined) return
    asked.delete(id)
    const found = compareJson(dropVolatile(before), dropVolatile(await end.waitAnswer(id)))
    differences.push(...found.map(difference => ({method, id, ...difference})))
  }

  for (const entry of segment) {
    const {direction, message} = entry
    const {id, method} = message
    if (direction === 'fromPlugin') {
      // Waiting where the trace has the answer keeps what depends on it in order.
      if (id !== undefined && isAnswer(message)) await settle(id, message)
    } else if (method !== undefined && isReplayed(method)) {
      end.send(adapt(entry))
      if (id === undefined || !isRequest(message)) continue
      asked.set(id, method)
      requests++
    }
  }
  for (const id of [...asked.keys()]) await settle(id, undefined)
  const questions = end
    .listChangedQuestions()
    .flatMap(({method, before, now}) =>
      compareJson(before, now, '/params').map(difference => ({method, id: null, ...difference})),
    )
  return {requests, differences: [...differences, ...questions]}
}
