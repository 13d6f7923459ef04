import {
  type FetchParams,
  type GetParams,
  HOST_API_METHODS,
  type HostApiMethod,
  type JsonObject,
  type KvEntry,
  type KvKey,
  type Permissions,
  type SearchParams,
} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import type {MainServer} from '../main-server/main-server.ts'
import type {JsonSchema} from '../manifest.ts'
import {type Check, compileSchema, formatProblems} from '../schema.ts'
import type {Store} from '../store/open-store.ts'
import {fetchForPlugin} from './fetch-for-plugin.ts'

const VALUE_BYTES = 64 * 1024
const KEYS = 10_000

export interface HostApiParts {
  mainServer: MainServer
  store: Pick<Store, 'kv'>
}

export interface CallingPlugin {
  id: string
  permissions: Permissions
}

/** The requests plugins may send to the host, each behind the permission of its name. */
export interface HostApi {
  /** Rejects with HOST_API_DENIED, HOST_API_FAILED, INPUT_INVALID or what the main server or the store says. */
  handle(plugin: CallingPlugin, method: string, params: unknown): Promise<unknown>
}

type Handlers = {[method in HostApiMethod]: (plugin: CallingPlugin, params: never) => Promise<unknown>}

export function createHostApi({mainServer, store: {kv}}: HostApiParts): HostApi {
  const handlers: Handlers = {
    'requests.search': (_, query: SearchParams) => mainServer.search('request', query),
    'requests.get': async (_, {id}: GetParams) => ({item: await mainServer.get('request', id)}),
    'assets.search': (_, query: SearchParams) => mainServer.search('asset', query),
    'assets.get': async (_, {id}: GetParams) => ({item: await mainServer.get('asset', id)}),
    'kv.get': async ({id}, {key}: KvKey) => ({value: kv.get(id, key)}),
    'kv.set': (plugin, entry: KvEntry) => setValue(kv, plugin.id, entry),
    'kv.delete': ({id}, {key}: KvKey) => kv.delete(id, key).then(() => ({})),
    'http.fetch': ({id, permissions}, params: FetchParams) => fetchForPlugin(id, permissions.net, params),
  }
  return {
    async handle(plugin, method, params) {
      if (!isHostApiMethod(method) || !plugin.permissions.hostApi.includes(method)) {
        throw new HostError('HOST_API_DENIED', {method, id: plugin.id})
      }
      const problems = findCheck(method)(params)
      if (problems.length > 0) throw new HostError('INPUT_INVALID', {reason: formatProblems(problems), problems})
      return handlers[method](plugin, params as never)
    },
  }
}

async function setValue(kv: Store['kv'], plugin: string, {key, value}: KvEntry): Promise<JsonObject> {
  const bytes = Buffer.byteLength(JSON.stringify(value))
  if (bytes > VALUE_BYTES) throw refuseInput(`/value has ${bytes} bytes of JSON, more than ${VALUE_BYTES}`)
  if (!kv.has(plugin, key) && kv.count(plugin) >= KEYS) throw refuseInput(`/key would be number ${KEYS + 1}`)
  await kv.set(plugin, key, value)
  return {}
}

function refuseInput(reason: string): HostError {
  return new HostError('INPUT_INVALID', {reason})
}

function isHostApiMethod(method: string): method is HostApiMethod {
  return (HOST_API_METHODS as readonly string[]).includes(method)
}

const key: JsonSchema = {type: 'string', minLength: 1, maxLength: 512}
const object = (required: JsonSchema, optional: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  properties: {...required, ...optional},
  required: Object.keys(required),
  additionalProperties: false,
})
const search = object(
  {},
  {
    where: {type: 'object', maxProperties: 50},
    text: {type: 'string', maxLength: 500},
    limit: {type: 'integer', minimum: 1, maximum: 1000},
    offset: {type: 'integer', minimum: 0, maximum: 1_000_000},
  },
)
const get = object({id: {type: 'string', minLength: 1, maxLength: 512}})

const SCHEMAS: {[method in HostApiMethod]: JsonSchema} = {
  'requests.search': search,
  'requests.get': get,
  'assets.search': search,
  'assets.get': get,
  'kv.get': object({key}),
  'kv.set': object({key, value: true}),
  'kv.delete': object({key}),
  'http.fetch': object(
    {url: {type: 'string', maxLength: 8192}},
    {
      method: {enum: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']},
      headers: {type: 'object', maxProperties: 100, additionalProperties: {type: 'string', maxLength: 16_384}},
      body: {type: 'string'},
      timeoutMs: {type: 'integer', minimum: 1, maximum: 120_000},
    },
  ),
}

const checks = new Map<HostApiMethod, Check>()

function findCheck(method: HostApiMethod): Check {
  const check = checks.get(method) ?? compileSchema(SCHEMAS[method])
  checks.set(method, check)
  return check
}
