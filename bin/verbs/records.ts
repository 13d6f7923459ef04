import {Argument} from 'commander'
import type {Attachment, FieldInfo, MainRecord, Module, Note} from '../../host/index.ts'
import type {JsonObject} from '../../runtime/protocol.ts'
import {type Client, createClient, joinPath} from '../client.ts'
import {describeFields, describeRecord, describeRecords} from '../describe-record.ts'
import {Failure} from '../failure.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {addAssignment} from '../parse-assignment.ts'
import {parseCount} from '../parse-number.ts'
import {readJsonObject} from '../read-json.ts'
import type {Result, Verb} from '../verb.ts'

interface Options extends ServerOptions {
  search?: string
  where: JsonObject
  limit: number
  offset: number
  create?: string
  update?: string
  note?: string
  public?: boolean
  fields?: boolean
}

const PATHS: {[module in Module]: string} = {request: 'requests', asset: 'assets', user: 'users'}

/** `records <module> [id]` */
export const records: Verb<[module: Module, id: string | undefined], Options> = {
  declare: command =>
    declareServer(
      command
        .addArgument(new Argument('<module>', 'kind of records').choices(Object.keys(PATHS)))
        .argument('[id]', 'show this one in full')
        .option('--search <words>', 'only those with these words in any text')
        .option(
          '--where <field=value>',
          'only those with this value; field:=json for what is no text',
          addAssignment,
          {},
        )
        .option('-n, --limit <count>', 'how many of the newest', parseCount, 20)
        .option('--offset <count>', 'leave out so many of the newest', parseCount, 0)
        .option('--create <json>', 'create one: its fields as JSON, @file, or - for stdin')
        .option('--update <json>', 'change this one: the changed fields, likewise')
        .option('--note <text>', 'add a note to this request')
        .option('--public', 'the requester sees the note, too')
        .option('--fields', 'list the fields instead'),
    ),

  async run({arguments: [module, id], options, signal}) {
    refuseContradictions(module, id, options)
    const create = options.create === undefined ? undefined : await readJsonObject(options.create, '--create')
    const update = options.update === undefined ? undefined : await readJsonObject(options.update, '--update')
    const client = await createClient(options)
    if (options.fields) return listFields(client, module, signal)
    if (create) {
      const record = await client.request<MainRecord>('POST', joinPath('v1', PATHS[module]), {json: create, signal})
      return {data: record, text: `created ${module} ${record.id}`}
    }
    if (id === undefined) return listRecords(client, module, options, signal)
    if (update) await client.request('PATCH', joinPath('v1', PATHS[module], id), {json: update, signal})
    if (options.note !== undefined) {
      const json = {text: options.note, public: options.public ?? false}
      await client.request('POST', joinPath('v1', PATHS[module], id, 'notes'), {json, signal})
    }
    return showRecord(client, module, id, signal)
  },
}

function refuseContradictions(module: Module, id: string | undefined, options: Options): void {
  const {create, update, note} = options
  const usage = (message: string): Failure => new Failure('USAGE', `Cannot use these options: ${message}`)
  if (create !== undefined && id !== undefined) throw usage('--create makes a new record, and an id was given')
  if ((update !== undefined || note !== undefined) && id === undefined) throw usage('--update and --note need an id')
  if (note !== undefined && module !== 'request') throw usage('only requests have notes')
  if (options.public && note === undefined) throw usage('--public goes with --note')
}

async function listRecords(client: Client, module: Module, options: Options, signal: AbortSignal): Promise<Result> {
  const {search: text, where, limit, offset} = options
  const filter = Object.keys(where).length > 0 ? JSON.stringify(where) : undefined
  const query = {text, where: filter, limit, offset}
  const page = await client.request<{items: MainRecord[]; total: number}>('GET', joinPath('v1', PATHS[module]), {
    query,
    signal,
  })
  return {data: page, text: describeRecords(module, page, offset)}
}

async function showRecord(client: Client, module: Module, id: string, signal: AbortSignal): Promise<Result> {
  const get = <T>(...more: string[]): Promise<T> =>
    client.request<T>('GET', joinPath('v1', PATHS[module], id, ...more), {signal})
  const record = await get<MainRecord>()
  if (module !== 'request') return {data: record, text: describeRecord(record, [], [])}
  const {items: notes} = await get<{items: Note[]}>('notes')
  const {items: attachments} = await get<{items: Attachment[]}>('attachments')
  return {data: {...record, notes, attachments}, text: describeRecord(record, notes, attachments)}
}

async function listFields(client: Client, module: Module, signal: AbortSignal): Promise<Result> {
  const {items} = await client.request<{items: FieldInfo[]}>('GET', joinPath('v1', 'fields', module), {signal})
  return {data: items, text: describeFields(items)}
}

/** `status=open`, `Affected people:=4`; may be given several times. */
