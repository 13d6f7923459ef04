import {Type} from 'typebox'
import type {ErrorCode, Host, MappingPreview, Mapping as MappingType} from '../api.ts'
import type {App, Parts} from '../parts.ts'
import {MappingDefinition, PreviewAsk} from '../schemas/mapping.ts'
import {answer, BODY, listOf, NoContent, refer, refusals} from '../schemas/shape.ts'

const Registration = Type.Object({rid: Type.String({minLength: 1, description: 'Registration id'})})
const Params = Type.Object({
  ...Registration.properties,
  name: Type.String({minLength: 1, description: 'Name of the mapping'}),
})
const Mapping = refer<MappingType>('Mapping')
const tags = ['mappings']
const FIND: ErrorCode[] = [
  'REGISTRATION_NOT_FOUND',
  'MAPPING_NOT_FOUND',
  'MAIN_SERVER_UNAVAILABLE',
  'MAIN_SERVER_REFUSED',
]

export function serveMappings(app: App, {host}: Parts): void {
  serveLookups(app, host)
  serveChanges(app, host)
  servePreview(app, host)
}

function serveLookups(app: App, host: Host): void {
  app.get(
    '/v1/registrations/:rid/mappings',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'listMappings',
        summary: 'List the mappings of a registration, and what is wrong with each now',
        tags,
        params: Registration,
        response: {200: answer('All of them', listOf(Mapping)), ...refusals(...FIND)},
      },
    },
    async ({params}) => ({items: await host.listMappings(params.rid)}),
  )
  app.get(
    '/v1/registrations/:rid/mappings/:name',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'getMapping',
        summary: 'One mapping',
        tags,
        params: Params,
        response: {200: answer('The mapping', Mapping), ...refusals(...FIND)},
      },
    },
    ({params}) => host.getMapping(params.rid, params.name),
  )
}

function serveChanges(app: App, host: Host): void {
  app.put(
    '/v1/registrations/:rid/mappings/:name',
    {
      config: {access: 'map'},
      schema: {
        operationId: 'saveMapping',
        summary: 'Make or replace a mapping; refused with every problem and its remedy when it has errors',
        tags,
        params: Params,
        body: MappingDefinition,
        response: {
          200: answer('Saved; one that is no different keeps its revision', Mapping),
          ...refusals('MAPPING_INVALID', 'HOST_STORE_FAILED', ...FIND, ...BODY),
        },
      },
    },
    ({params, body, principal}) => host.saveMapping(params.rid, params.name, body, principal?.name ?? 'http'),
  )
  app.delete(
    '/v1/registrations/:rid/mappings/:name',
    {
      config: {access: 'map'},
      schema: {
        operationId: 'removeMapping',
        summary: 'Remove a mapping; executions that came from it still tell it',
        tags,
        params: Params,
        response: {204: NoContent, ...refusals('HOST_STORE_FAILED', ...FIND)},
      },
    },
    async ({params, principal}, reply) => {
      await host.removeMapping(params.rid, params.name, principal?.name ?? 'http')
      return reply.code(204).send(null)
    },
  )
}

function servePreview(app: App, host: Host): void {
  app.post(
    '/v1/mappings/preview',
    {
      config: {access: 'map', audit: false},
      schema: {
        operationId: 'previewMapping',
        summary: 'Show what a mapping makes of a record, row by row; nothing is executed or saved',
        tags,
        body: PreviewAsk,
        response: {
          200: answer('Each row, the input, and what is wrong', refer<MappingPreview>('MappingPreview')),
          ...refusals('RECORD_NOT_FOUND', ...FIND, ...BODY),
        },
      },
    },
    ({body}) => host.previewMapping(body),
  )
}
