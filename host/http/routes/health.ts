import {Type} from 'typebox'
import type {Health, Readiness} from '../api.ts'
import type {App, Parts} from '../parts.ts'
import {answer, refer, refusals} from '../schemas/shape.ts'

export function serveHealth(app: App, {host}: Parts): void {
  app.get(
    '/healthz',
    {
      config: {access: 'open'},
      schema: {
        operationId: 'getHealth',
        summary: 'Is the server alive?',
        tags: ['health'],
        security: [],
        response: {200: answer('It is', refer<Health>('Health'))},
      },
    },
    () => host.health(),
  )

  app.get(
    '/readyz',
    {
      config: {access: 'open'},
      schema: {
        operationId: 'getReadiness',
        summary: 'Does the server take calls? 503 with the reasons while it does not',
        tags: ['health'],
        security: [],
        response: {
          200: answer('It does', refer<Readiness>('Readiness')),
          503: answer('It does not; why', refer<Readiness>('Readiness')),
        },
      },
    },
    (_request, reply) => {
      const readiness = host.readiness()
      void reply.code(readiness.ready ? 200 : 503)
      return readiness
    },
  )

  app.get(
    '/metrics',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'getMetrics',
        summary: 'Metrics in the Prometheus text format; takes a token with the scope read',
        tags: ['health'],
        produces: ['text/plain'],
        response: {200: answer('Metrics', Type.String()), ...refusals()},
      },
    },
    async (_request, reply) => {
      const {type, text} = await host.metrics()
      return reply.type(type).send(text)
    },
  )
}
