import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type {FastifyInstance} from 'fastify'

const DESCRIPTION = `Every route but /healthz, /readyz, /openapi.json and /docs takes a bearer token.
Scopes: \`read\` for looking, \`execute\`, \`execute:<plugin>\` or \`execute:<registration>\` for running actions,
\`operate\` for switching, cancelling and repeating, \`map\` for mappings, rules and schedules (both look, too),
\`admin\` for everything. A request that did nothing is answered with a problem document (RFC 9457) whose \`code\` is one
of the table of errors; an action that ran is answered with 200 and its outcome, whatever it came to.`

/** Registers what collects the routes; call it before the first of them. */
export async function describeRoutes(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {title: 'plugin-host', version, description: DESCRIPTION},
      components: {securitySchemes: {bearer: {type: 'http', scheme: 'bearer'}}},
      security: [{bearer: []}],
      tags: [
        'health',
        'bundles',
        'plugins',
        'registrations',
        'mappings',
        'records',
        'executions',
        'events',
        'rules',
        'schedules',
        'access',
      ].map(name => ({name})),
    },
    refResolver: {
      buildLocalReference: (json, _baseUri, _fragment, index) =>
        typeof json.$id === 'string' ? json.$id : `def-${index}`,
    },
  })
  app.get('/openapi.json', {schema: {hide: true}, config: {access: 'open'}}, () => app.swagger())
  await app.register(swaggerUi, {routePrefix: '/docs', staticCSP: true})
}
