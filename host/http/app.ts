import type {TypeBoxTypeProvider} from '@fastify/type-provider-typebox'
import Fastify, {type FastifyServerFactory} from 'fastify'
import type {Config, HttpLog} from './api.ts'
import {auditChanges} from './audit.ts'
import {createGate} from './gate.ts'
import {readJsonBodies} from './json-body.ts'
import {describeRoutes} from './openapi.ts'
import type {App, Parts} from './parts.ts'
import {type Route, refuseBadRequest, respondToFailures, sendProblem} from './respond.ts'
import {serveAudit} from './routes/audit.ts'
import {serveBackups} from './routes/backups.ts'
import {serveBundles} from './routes/bundles.ts'
import {serveEvents} from './routes/events.ts'
import {serveExecutions} from './routes/executions.ts'
import {serveHealth} from './routes/health.ts'
import {serveLogs} from './routes/logs.ts'
import {serveMappings} from './routes/mappings.ts'
import {servePlugins} from './routes/plugins.ts'
import {serveRecords} from './routes/records.ts'
import {serveRegistrationFiles} from './routes/registration-files.ts'
import {serveRegistrations} from './routes/registrations.ts'
import {serveRules} from './routes/rules.ts'
import {serveSchedules} from './routes/schedules.ts'
import {serveTokens} from './routes/tokens.ts'
import {serveUpgrades} from './routes/upgrades.ts'
import {COMPONENTS} from './schemas/components.ts'
import {compileValidator} from './validate.ts'

export interface AppOptions extends Parts {
  config: Config['http']
  log: HttpLog
  serverFactory: FastifyServerFactory
}

/** Everything between the socket and the host's verbs, ready but not listening. */
export async function createApp(options: AppOptions): Promise<App> {
  const {host, config, log, clock} = options
  const app = Fastify({
    serverFactory: options.serverFactory,
    logger: false,
    bodyLimit: config.bodyBytes,
    routerOptions: {maxParamLength: 256},
    // Requests on open connections are answered until close() has cut them; the host says when it is stopping.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply, {log, clock}),
    clientErrorHandler: refuseBadRequest,
  }).withTypeProvider<TypeBoxTypeProvider>()

  const gate = createGate(host, config, {clock})
  const gateOfNowhere = gate()
  app.addHook('onRequest', (request, reply, done) => (request.is404 ? gateOfNowhere(request, reply, done) : done()))
  const audit = auditChanges(app, host, log)
  const routes: Route[] = []
  app.addHook('onRoute', route => {
    const access = route.url.startsWith('/docs') ? 'open' : route.config?.access
    if (!access) throw new Error(`Cannot add route "${route.url}": it does not say what it asks of a token`)
    route.onRequest = [gate(access), ...[route.onRequest ?? []].flat()]
    audit(route)
    for (const method of [route.method].flat()) routes.push({method, url: route.url})
  })
  app.setValidatorCompiler(compileValidator)
  // Node's own JSON is as fast as a compiled serializer, and leaves nothing out.
  app.setSerializerCompiler(() => JSON.stringify)
  app.decorateRequest('principal', undefined)
  readJsonBodies(app, {bytes: config.bodyBytes, timeoutMs: config.requestTimeoutMs}, {clock})
  respondToFailures(app, {log, clock, routes})
  for (const component of COMPONENTS) app.addSchema(component)
  await describeRoutes(app, host.health().version)
  await serveRoutes(app, options)
  return app
}

async function serveRoutes(app: App, parts: Parts): Promise<void> {
  serveHealth(app, parts)
  serveBundles(app, parts)
  servePlugins(app, parts)
  serveUpgrades(app, parts)
  serveLogs(app, parts)
  serveRegistrations(app, parts)
  serveRegistrationFiles(app, parts)
  serveMappings(app, parts)
  serveRecords(app, parts)
  serveExecutions(app, parts)
  serveEvents(app, parts)
  serveRules(app, parts)
  serveSchedules(app, parts)
  serveTokens(app, parts)
  serveAudit(app, parts)
  serveBackups(app, parts)
  await app.ready()
}
