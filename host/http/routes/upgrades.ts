import {Type} from 'typebox'
import type {SwapReport, UpgradeReport} from '../api.ts'
import type {App, Parts} from '../parts.ts'
import {answer, BODY, refer, refusals, strict} from '../schemas/shape.ts'
import {PluginParams} from './plugins.ts'

const MOST_REHEARSED = 100
const Version = Type.String({minLength: 1, maxLength: 200})
const Rehearse = Type.Integer({
  minimum: 0,
  maximum: MOST_REHEARSED,
  description: 'So many of the last live executions of each action are run dry on both versions, and compared',
})
const Body = strict({
  version: Version,
  consent: Type.Optional(Type.Boolean({description: 'Agrees to permissions that grow'})),
  force: Type.Optional(Type.Boolean({description: 'Goes on whatever it breaks'})),
  rehearse: Type.Optional(Rehearse),
})

export function serveUpgrades(app: App, {host}: Parts): void {
  app.post(
    '/v1/plugins/:id/activate',
    {
      config: {access: 'admin'},
      schema: {
        operationId: 'activatePlugin',
        summary: 'Hot-swap to an installed version, or roll back to it',
        tags: ['plugins'],
        params: PluginParams,
        body: Body,
        response: {
          200: answer('The version takes the calls', refer<SwapReport>('SwapReport')),
          ...refusals(
            'PLUGIN_NOT_FOUND',
            'PLUGIN_VERSION_NOT_FOUND',
            'PLUGIN_DISABLED',
            'PLUGIN_SWAP_FAILED',
            'CONSENT_NEEDED',
            'UPGRADE_BREAKS',
            'REHEARSAL_DIFFERS',
            ...BODY,
          ),
        },
      },
    },
    request => {
      const {version, ...options} = request.body
      return host.activatePlugin(request.params.id, version, {...options, by: request.principal?.name ?? 'http'})
    },
  )
  app.get(
    '/v1/plugins/:id/versions/:version/preview',
    {
      // It starts processes of the version, and takes its time.
      config: {access: 'admin'},
      schema: {
        operationId: 'previewUpgrade',
        summary: 'What activating a version would come to, without doing it',
        tags: ['plugins'],
        params: Type.Object({...PluginParams.properties, version: Version}),
        querystring: strict({rehearse: Type.Optional(Rehearse)}),
        response: {
          200: answer('The report', refer<UpgradeReport>('UpgradeReport')),
          ...refusals('PLUGIN_NOT_FOUND', 'PLUGIN_VERSION_NOT_FOUND'),
        },
      },
    },
    request => host.previewUpgrade(request.params.id, request.params.version, request.query),
  )
}
