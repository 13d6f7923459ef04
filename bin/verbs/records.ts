import {Argument} from 'commander'
import type {Module} from '../../host/index.ts'
import type {JsonObject} from '../../runtime/protocol.ts'
import {type Client, createClient} from '../client.ts'
import {describeFields, describeRecord, describeRecords} from '../describe-record.ts'
import {Failure} from '../failure.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import type {Operations} from '../operations.types.ts'
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

const MODULES = {
  request: {list: 'listRequests', get: 'getRequest', create: 'createRequest', update: 'updateRequest'},
  asset: {list: 'listAssets', get: 'getAsset', create: 'createAsset', update: 'updateAsset'},
  user: {list: 'listUsers', get: 'getUser', create: 'createUser', update: 'updateUser'},
} as const satisfies {[module in Module]: {[act: string]: keyof Operations}}

/** `records <module> [id]` */
export const records: Verb<[module: Module, id: string | undefined], Options> = {
  declare: command =>
    declareServer(
      command
        .addArgument(new Argument('<module>', 'kind of records').choices(Object.keys(MODULES)))
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
      const record = await client.call(MODULES[module].create, {body: create, signal})
      return {data: record, text: `created ${module} ${record.id}`}
    }
    if (id === undefined) return listRecords(client, module, options, signal)
    if (update) await client.call(MODULES[module].update, {params: {id}, body: update, signal})
    if (options.note !== undefined) {
      const body = {text: options.note, public: options.public ?? false}
      await client.call('addNote', {params: {id}, body, signal})
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
  const page = await client.call(MODULES[module].list, {query, signal})
  return {data: page, text: describeRecords(module, page, offset)}
}

async function showRecord(client: Client, module: Module, id: string, signal: AbortSignal): Promise<Result> {
  const params = {id}
  const record = await client.call(MODULES[module].get, {params, signal})
  if (module !== 'request') return {data: record, text: describeRecord(record, [], [])}
  const {items: notes} = await client.call('listNotes', {params, signal})
  const {items: attachments} = await client.call('listAttachments', {params, signal})
  return {data: {...record, notes, attachments}, text: describeRecord(record, notes, attachments)}
}

async function listFields(client: Client, module: Module, signal: AbortSignal): Promise<Result> {
  const {items} = await client.call('listFields', {params: {module}, signal})
  return {data: items, text: describeFields(items)}
}

/** `status=open`, `Affected people:=4`; may be given several times. */
