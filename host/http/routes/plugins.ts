import {Type} from 'typebox'
import type {PluginDetail, PluginSummary} from '../api.ts'
import type {App, Parts} from '../parts.ts'
import {answer, listOf, NoContent, refer, refusals} from '../schemas/shape.ts'

export const PluginParams = Type.Object({id: Type.String({minLength: 1, description: 'Plugin id'})})

const Summary = refer<PluginSummary>('PluginSummary')

const SWITCHES = [
  {verb: 'enable', operationId: 'enablePlugin', summary: 'Let a plugin run again'},
  {verb: 'disable', operationId: 'disablePlugin', summary: 'Stop a plugin and keep it stopped'},
  {verb: 'restart', operationId: 'restartPlugin', summary: 'Start a fresh process; also takes a plugin out of parking'},
] as const

export function servePlugins(app: App, {host}: Parts): void {
  serveLookups(app, host)
  for (const {verb, operationId, summary} of SWITCHES) {
    app.post(
      `/v1/plugins/:id/${verb}`,
      {
        config: {access: 'operate'},
        schema: {
          operationId,
          summary,
          tags: ['plugins'],
          params: PluginParams,
          response: {
            200: answer('Done', Summary),
            ...refusals('PLUGIN_NOT_FOUND', 'PLUGIN_DISABLED', 'PLUGIN_START_FAILED', 'REQUEST_MEDIA_TYPE'),
          },
        },
      },
      request => host[operationId](request.params.id),
    )
  }
}

function serveLookups(app: App, host: Parts['host']): void {
  app.get(
    '/v1/plugins',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'listPlugins',
        summary: 'List the installed plugins and their state',
        tags: ['plugins'],
        response: {200: answer('All of them', listOf(Summary)), ...refusals()},
      },
    },
    () => ({items: host.listPlugins()}),
  )
  app.get(
    '/v1/plugins/:id',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'getPlugin',
        summary: 'One plugin: manifest, versions, state, process',
        tags: ['plugins'],
        params: PluginParams,
        response: {200: answer('The plugin', refer<PluginDetail>('PluginDetail')), ...refusals('PLUGIN_NOT_FOUND')},
      },
    },
    request => host.getPlugin(request.params.id),
  )
  app.delete(
    '/v1/plugins/:id',
    {
      config: {access: 'admin'},
      schema: {
        operationId: 'removePlugin',
        summary: 'Remove a plugin with all its versions',
        tags: ['plugins'],
        params: PluginParams,
        response: {204: NoContent, ...refusals('PLUGIN_NOT_FOUND')},
      },
    },
    async (request, reply) => {
      await host.removePlugin(request.params.id)
      return reply.code(204).send(null)
    },
  )
}
