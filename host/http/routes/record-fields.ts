import {Type} from 'typebox'
import {type ErrorCode, type FieldInfo, type Host, HostError, type MainServerStatus, type Module} from '../api.ts'
import type {App} from '../parts.ts'
import {FieldCreate, MODULE_NAMES, ModuleName} from '../schemas/record.ts'
import {answer, BODY, listOf, NoContent, refer, refusals} from '../schemas/shape.ts'

const Params = Type.Object({module: ModuleName})
const Field = refer<FieldInfo>('FieldInfo')
const tags = ['records']
const REFUSALS: ErrorCode[] = ['MAIN_SERVER_UNAVAILABLE', 'MAIN_SERVER_REFUSED', 'HOST_STORE_FAILED']

/** The catalogue of the main server's fields, and the main server itself. */
export function serveFields(app: App, host: Host): void {
  app.get(
    '/v1/fields/:module',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'listFields',
        summary: 'The fields of a module, custom ones included',
        tags,
        params: Params,
        response: {200: answer('All of them', listOf(Field)), ...refusals(...REFUSALS)},
      },
    },
    async request => ({items: await host.listFields(parseModule(request.params.module))}),
  )
  app.post(
    '/v1/fields/:module',
    {
      config: {access: 'admin'},
      schema: {
        operationId: 'createField',
        summary: 'Make a custom field on the desk',
        tags,
        params: Params,
        body: FieldCreate,
        response: {201: answer('Made', Field), ...refusals(...REFUSALS, ...BODY)},
      },
    },
    async (request, reply) =>
      reply.code(201).send(await host.createField({...request.body, module: parseModule(request.params.module)})),
  )
  app.delete(
    '/v1/fields/:module/:fid',
    {
      config: {access: 'admin'},
      schema: {
        operationId: 'removeField',
        summary: 'Remove a custom field of the desk; values that records have stay with them',
        tags,
        params: Type.Object({module: ModuleName, fid: Type.String({minLength: 1, description: 'As in `cf:35`'})}),
        response: {204: NoContent, ...refusals('RECORD_NOT_FOUND', ...REFUSALS)},
      },
    },
    async (request, reply) => {
      await host.removeField(parseModule(request.params.module), request.params.fid)
      return reply.code(204).send(null)
    },
  )
  app.get(
    '/v1/main-server',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'getMainServer',
        summary: 'What stands behind the host, whether it answers, and how its fields have drifted',
        tags,
        response: {200: answer('Its state', refer<MainServerStatus>('MainServerStatus')), ...refusals()},
      },
    },
    () => host.mainServerStatus(),
  )
}

/** A path's parts are only described by their schemas, not held to them. */
function parseModule(text: string): Module {
  const found = MODULE_NAMES.find(name => name === text)
  if (found) return found
  throw new HostError('REQUEST_INVALID', {reason: `/params/module must be one of ${MODULE_NAMES.join(', ')}`})
}
