import {Readable} from 'node:stream'
import {type Static, Type} from 'typebox'
import type {Host, LogLine} from '../api.ts'
import {watchAnswer} from '../client.ts'
import type {App, Parts} from '../parts.ts'
import {listOf, refer, refusals, strict} from '../schemas/shape.ts'
import {renderEvents, type StreamEvent} from '../sse.ts'
import {PluginParams} from './plugins.ts'

const DEFAULT_LINES = 200
const MAX_LINES = 10_000
/** Events made ahead of a slow reader, bytes; beyond it the host drops lines. */
const BUFFER_BYTES = 16 * 1024

const Query = strict({
  lines: Type.Optional(Type.Integer({minimum: 0, maximum: MAX_LINES, description: `${DEFAULT_LINES} when left out`})),
  execution: Type.Optional(Type.String({description: 'Only lines of this execution'})),
  follow: Type.Optional(Type.Boolean({description: 'Server-sent events: the newest lines, then each as it comes'})),
})
type Query = Static<typeof Query>

const Headers = Type.Object({
  'last-event-id': Type.Optional(Type.String({description: 'With follow: goes on after the line of this seq'})),
})

const schema = {
  operationId: 'readLogs',
  summary: 'Read the log of a plugin, or follow it',
  tags: ['plugins'],
  params: PluginParams,
  querystring: Query,
  headers: Headers,
  response: {
    200: {
      description: 'Lines, oldest first; with follow, events whose id is the line’s seq and whose data is the line',
      content: {
        'application/json': {schema: listOf(refer<LogLine>('LogLine'))},
        'text/event-stream': {schema: Type.Unsafe<Readable>({type: 'string'})},
      },
    },
    ...refusals('PLUGIN_NOT_FOUND'),
  },
}

export function serveLogs(app: App, parts: Parts): void {
  const {host, clock, closing} = parts
  app.get('/v1/plugins/:id/logs', {config: {access: 'read'}, schema}, (request, reply) => {
    const {params, query, headers} = request
    if (!query.follow) return {items: readLines(host, params.id, query)}
    const signal = AbortSignal.any([watchAnswer(reply), closing])
    const after = readSeq(headers['last-event-id'])
    const events = followLines(host, params.id, {...query, after, signal})
    void reply.header('x-accel-buffering', 'no').type('text/event-stream; charset=utf-8')
    return Readable.from(renderEvents(events, {clock}), {objectMode: false, highWaterMark: BUFFER_BYTES})
  })
}

/** One that is no number says nothing. */
function readSeq(header: string | undefined): number | undefined {
  return /^\d{1,15}$/.test(header ?? '') ? Number(header) : undefined
}

function readLines(host: Host, id: string, {lines = DEFAULT_LINES, execution}: Query): LogLine[] {
  if (lines === 0) return []
  return host.readLogs(id, {lines, ...(execution !== undefined && {execution})})
}

interface FollowOptions extends Query {
  /** Lines up to this seq are known already; undefined when the reader comes for the first time. */
  after: number | undefined
  signal: AbortSignal
}

/** Subscribes before it reads what is there: a line in between comes twice, and the second is dropped by its seq. */
function followLines(host: Host, id: string, {after, signal, ...query}: FollowOptions): AsyncIterable<StreamEvent> {
  // An unknown plugin is refused here, before the answer has begun.
  host.getPlugin(id)
  const live = host.followLogs(id, {signal})[Symbol.asyncIterator]()
  const first = live.next()
  const backlog = readLines(host, id, after === undefined ? query : {...query, lines: MAX_LINES})
  // Numbers begin anew with the server: one that is not reached yet is of a server before.
  const last = after !== undefined && after <= (backlog.at(-1)?.seq ?? -1) ? after : -1
  return mergeLines(backlog, {live, first}, {last, execution: query.execution})
}

interface Live {
  live: AsyncIterator<LogLine>
  first: Promise<IteratorResult<LogLine>>
}

/** What is known, then what comes, each line once and in order. */
async function* mergeLines(
  backlog: readonly LogLine[],
  {live, first}: Live,
  {last, execution}: {last: number; execution: string | undefined},
): AsyncGenerator<StreamEvent> {
  let known = last
  try {
    for (const line of backlog) {
      if (line.seq <= known) continue
      known = line.seq
      yield {id: String(line.seq), data: line}
    }
    for (let result = await first; !result.done; result = await live.next()) {
      const line = result.value
      if (line.seq <= known || (execution !== undefined && line.execution !== execution)) continue
      known = line.seq
      yield {id: String(line.seq), data: line}
    }
  } finally {
    await live.return?.()
  }
}
