import {Type} from 'typebox'
import {type ErrorCode, type Host, HostError, type JsonObject, type MainRecord, type Module, type Page} from '../api.ts'
import type {App, Parts} from '../parts.ts'
import {RecordFields, RecordQuery} from '../schemas/record.ts'
import {answer, BODY, refer, refusals} from '../schemas/shape.ts'
import {serveFields} from './record-fields.ts'
import {serveNotes} from './record-notes.ts'

const Params = Type.Object({id: Type.String({minLength: 1, description: 'Record id'})})
const Entry = refer<MainRecord>('MainRecord')
const tags = ['records']
const MOST_CONDITIONS = 50
const LOOKUP: ErrorCode[] = ['MAIN_SERVER_UNAVAILABLE', 'MAIN_SERVER_REFUSED', 'HOST_STORE_FAILED']

interface Served {
  module: Module
  path: string
  /** In operation ids. */
  one: string
  many: string
}

const MODULES: Served[] = [
  {module: 'request', path: '/v1/requests', one: 'Request', many: 'Requests'},
  {module: 'asset', path: '/v1/assets', one: 'Asset', many: 'Assets'},
  {module: 'user', path: '/v1/users', one: 'User', many: 'Users'},
]

export function serveRecords(app: App, {host}: Parts): void {
  for (const served of MODULES) {
    serveLookups(app, host, served)
    serveChanges(app, host, served)
  }
  serveNotes(app, host)
  serveFields(app, host)
}

function serveLookups(app: App, host: Host, {module, path, one, many}: Served): void {
  app.get(
    path,
    {
      config: {access: 'read'},
      schema: {
        operationId: `list${many}`,
        summary: `Search the ${many.toLowerCase()} of the main server, the newest first`,
        tags,
        querystring: RecordQuery,
        response: {200: answer('One page', refer<Page>('RecordPage')), ...refusals(...LOOKUP)},
      },
    },
    request => {
      const {where, ...query} = request.query
      return host.searchRecords(module, {...query, ...(where !== undefined && {where: parseWhere(where)})})
    },
  )
  app.get(
    `${path}/:id`,
    {
      config: {access: 'read'},
      schema: {
        operationId: `get${one}`,
        summary: `One ${module}`,
        tags,
        params: Params,
        response: {200: answer(`The ${module}`, Entry), ...refusals('RECORD_NOT_FOUND', ...LOOKUP)},
      },
    },
    request => host.getRecord(module, request.params.id),
  )
}

function serveChanges(app: App, host: Host, {module, path, one}: Served): void {
  app.post(
    path,
    {
      config: {access: 'operate'},
      schema: {
        operationId: `create${one}`,
        summary: `Create ${module === 'asset' ? 'an' : 'a'} ${module}; of the desk: tells the rules of \`${module}.created\``,
        tags,
        body: RecordFields,
        response: {
          201: answer(`Created; Location is the ${module}`, Entry),
          ...refusals(...LOOKUP, ...BODY),
        },
      },
    },
    async (request, reply) => {
      const made = await host.createRecord(module, request.body, request.principal?.name ?? 'http')
      return reply
        .code(201)
        .header('location', `${path}/${encodeURIComponent(made.id)}`)
        .send(made)
    },
  )
  app.patch(
    `${path}/:id`,
    {
      config: {access: 'operate'},
      schema: {
        operationId: `update${one}`,
        summary: `Change fields of the ${module}; of the desk: tells the rules of \`${module}.updated\``,
        tags,
        params: Params,
        body: RecordFields,
        response: {200: answer('As it is now', Entry), ...refusals('RECORD_NOT_FOUND', ...LOOKUP, ...BODY)},
      },
    },
    request => host.updateRecord(module, request.params.id, request.body, request.principal?.name ?? 'http'),
  )
}

function parseWhere(text: string): JsonObject {
  const reason = `/querystring/where must be a JSON object of at most ${MOST_CONDITIONS} values`
  const refusal = new HostError('REQUEST_INVALID', {reason})
  let where: unknown
  try {
    where = JSON.parse(text)
  } catch {
    throw refusal
  }
  if (typeof where !== 'object' || where === null || Array.isArray(where)) throw refusal
  if (Object.keys(where).length > MOST_CONDITIONS) throw refusal
  return where as JsonObject
}
