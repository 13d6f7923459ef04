import {Argument} from 'commander'
import type {NewToken, TokenInfo} from '../../host/index.ts'
import {type Client, createClient} from '../client.ts'
import {Failure} from '../failure.ts'
import {declareServer, findDataFolder, readToken, type ServerOptions} from '../find-server.ts'
import {parseDuration} from '../parse-duration.ts'
import {renderTable, renderTime} from '../render-table.ts'
import type {Result, Verb} from '../verb.ts'

interface Options extends ServerOptions {
  name?: string
  scope: string[]
  expires?: number
  grace?: number
}

const ACTIONS = ['show', 'list', 'create', 'rotate', 'remove'] as const
type Action = (typeof ACTIONS)[number]

/** `token [action] [id]` */
export const token: Verb<[action: Action, id: string | undefined], Options> = {
  declare: command =>
    declareServer(
      command
        .addArgument(new Argument('[action]', 'show prints that of the local server').choices(ACTIONS).default('show'))
        .argument('[id]', 'for rotate and remove: the token’s id')
        .option('--name <name>', 'for create: who is to use it')
        .option('--scope <scope>', 'for create: what it may do; may be given several times', collect, [])
        .option('--expires <duration>', 'for create: 30d, 12h; never when left out', parseDuration)
        .option('--grace <duration>', 'for rotate: how long the old one goes on working (default: 1d)', parseDuration),
    ),

  async run({arguments: [action, id], options, signal}) {
    if (action === 'show') return showLocal(options)
    const client = await createClient(options)
    if (action === 'list') return list(client, signal)
    if (action === 'create') return create(client, options, signal)
    if (id === undefined) throw new Failure('USAGE', `Cannot ${action} a token: its id is missing`, SEE_LIST)
    if (action === 'rotate') {
      const body = options.grace === undefined ? {} : {graceMs: options.grace}
      return describeNew(await client.call('rotateToken', {params: {tid: id}, body, signal}))
    }
    await client.call('removeToken', {params: {tid: id}, signal})
    return {data: {removed: id}, text: `${id}: removed`}
  },
}

const SEE_LIST = 'See "plugin-host token list"'

async function showLocal(options: Options): Promise<Result> {
  const value = await readToken(findDataFolder(options.data))
  return {data: {token: value}, text: value}
}

async function list(client: Client, signal: AbortSignal): Promise<Result> {
  const {items} = await client.call('listTokens', {signal})
  return {data: items, text: renderTable(HEADING, items.map(describeRow), 'There is none')}
}

const HEADING = ['ID', 'NAME', 'SCOPES', 'CREATED', 'EXPIRES', 'LAST USED', '']

function describeRow({id, name, scopes, createdAt, expiresAt, lastUsedAt, active}: TokenInfo): string[] {
  const times = [createdAt, expiresAt, lastUsedAt].map(renderTime)
  return [id, name, scopes.join(' '), ...times, active ? '' : 'expired']
}

async function create(client: Client, {name, scope, expires}: Options, signal: AbortSignal): Promise<Result> {
  if (name === undefined || scope.length === 0) {
    const remedy = 'Write it like: plugin-host token create --name itsm --scope execute:hello'
    throw new Failure('USAGE', 'Cannot create a token: --name and --scope are needed', remedy)
  }
  const body = {name, scopes: scope, ...(expires !== undefined && {expiresAt: Date.now() + expires})}
  return describeNew(await client.call('createToken', {body, signal}))
}

/** Alone on stdout, so that it can be taken up by a script. */
function describeNew(made: NewToken): Result {
  return {data: made, text: made.token}
}

function collect(value: string, before: string[]): string[] {
  return [...before, value]
}
