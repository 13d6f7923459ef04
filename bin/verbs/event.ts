import type {JsonObject} from '../../runtime/protocol.ts'
import {type Client, createClient} from '../client.ts'
import {describeRuns} from '../describe-workflow.ts'
import {Failure} from '../failure.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {parseCount} from '../parse-number.ts'
import {readJsonObject} from '../read-json.ts'
import {renderTable, renderTime} from '../render-table.ts'
import type {Result, Verb} from '../verb.ts'

interface Options extends ServerOptions {
  record?: string
  old?: string
  id?: string
  limit: number
}

const LOOKUPS = {request: 'getRequest', asset: 'getAsset', user: 'getUser'} as const

/** `event [type]` */
export const event: Verb<[type: string | undefined], Options> = {
  declare: command =>
    declareServer(
      command
        .argument('[type]', 'what happened, as request.created; without it the newest are listed')
        .option('--record <record>', 'the record: JSON, @file, - for stdin, or request:12')
        .option('--old <json>', 'the record as it was: JSON or @file')
        .option('--id <id>', 'an id of yours: the same one is processed once')
        .option('-n, --limit <count>', 'how many of the newest', parseCount, 20),
    ),

  async run({arguments: [type], options, signal}) {
    if (type === undefined) return listEvents(await createClient(options), options.limit, signal)
    if (options.record === undefined) throw new Failure('USAGE', 'Cannot send the event: --record is missing')
    const old = options.old === undefined ? undefined : await readJsonObject(options.old, '--old')
    const client = await createClient(options)
    const record = await readRecord(client, options.record, signal)
    const body = {type, id: options.id, record, old}
    const result = await client.call('sendEvent', {body, signal})
    const note = result.duplicate ? ', which had come before' : ''
    return {data: result, text: `event ${result.event}${note}\n${describeRuns(result.runs)}`}
  },
}

/** One of the main server by its name, or as it is given. */
async function readRecord(client: Client, given: string, signal: AbortSignal): Promise<JsonObject> {
  const [, module = '', id = ''] = /^(request|asset|user):(.+)$/.exec(given) ?? []
  return module === 'request' || module === 'asset' || module === 'user'
    ? client.call(LOOKUPS[module], {params: {id}, signal})
    : readJsonObject(given, '--record')
}

async function listEvents(client: Client, limit: number, signal: AbortSignal): Promise<Result> {
  const {items} = await client.call('listEvents', {query: {limit}, signal})
  const rows = items.map(({id, at, type, record, by, runs}) => [
    id,
    renderTime(at),
    type,
    typeof record.id === 'string' ? record.id : '',
    by,
    runs.length,
  ])
  return {data: items, text: renderTable(['EVENT', 'CAME', 'TYPE', 'RECORD', 'BY', 'RUNS'], rows, 'There is none')}
}
