import type {FastifyReply, FastifyRequest, HookHandlerDoneFunction, RouteOptions} from 'fastify'
import type {Host, HttpLog, Json, JsonObject} from './api.ts'
import type {App} from './parts.ts'
import type {Access} from './scope.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** false for what changes nothing (a preview, a test), or is told by the log of executions. */
    audit?: false
  }
  interface FastifyRequest {
    /** What was written down before the change; undefined where nothing is. */
    audited: AuditedChange | undefined
  }
}

type Hook = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void

interface AuditedChange {
  who: string
  action: string
  target: string
}

/** Executions are in the log of executions; looking changes nothing. */
const AUDITED: readonly Access[] = ['admin', 'operate', 'map']

function isAudited({method, config}: Pick<RouteOptions, 'method' | 'config'>): boolean {
  const changes = [method].flat().some(name => !['GET', 'HEAD', 'OPTIONS'].includes(name))
  return changes && config?.audit !== false && AUDITED.some(access => access === config?.access)
}

/**
 * The one place where changes are written down: before the handler runs, so that what cannot be written down is not done. A change
 * that was refused afterwards gets a second entry, `<action>.failed`; one that made something another, `<action>.done`.
 */
export function auditChanges(app: App, host: Host, log: HttpLog): (route: RouteOptions) => void {
  app.decorateRequest('audited', undefined)
  function recordEnd({audited}: FastifyRequest, reply: FastifyReply): void {
    const location = reply.getHeader('location')
    const failed = reply.statusCode >= 400
    if (!audited || (!failed && typeof location !== 'string')) return
    const {action, ...change} = audited
    const details = failed ? {status: reply.statusCode} : {made: String(location)}
    try {
      host.recordAudit({...change, action: `${action}.${failed ? 'failed' : 'done'}`, details})
    } catch (error) {
      log.error({err: error, ...audited, ...details}, 'Cannot write down what a change came to')
    }
  }

  const before: Hook = (request, _reply, done) => {
    try {
      const change = describeChange(request)
      host.recordAudit({...change, details: describeRequest(request)})
      request.audited = change
      done()
    } catch (error) {
      done(error as Error)
    }
  }
  const after: Hook = (request, reply, done) => {
    recordEnd(request, reply)
    done()
  }
  return route => {
    if (!isAudited(route)) return
    // Last of the hooks: what is refused before has changed nothing.
    route.preHandler = [...[route.preHandler ?? []].flat(), before]
    route.onResponse = [...[route.onResponse ?? []].flat(), after]
  }
}

function describeChange({principal, routeOptions, params, body}: FastifyRequest): AuditedChange {
  const schema = routeOptions.schema as {operationId?: string} | undefined
  const names = Object.values(Object(params) as {[name: string]: string})
  const {id, name} = Object(body) as JsonObject
  const named = names.length > 0 || routeOptions.config.access === 'operate' ? names : [id ?? name].filter(isText)
  const target = named.join('/').slice(0, LONGEST_TARGET)
  return {who: principal?.name ?? 'nobody', action: schema?.operationId ?? routeOptions.url ?? '', target}
}

function describeRequest({ip, principal, query, body, routeOptions}: FastifyRequest): JsonObject {
  const told = routeOptions.config.access === 'operate' ? TOLD_OF_OPERATION : TOLD
  const parts = {query: describeValues(query, told), body: describeValues(body, told)}
  const shown = Object.entries(parts).filter(([, values]) => Object.keys(values).length > 0)
  return {from: ip, ...(principal?.token !== undefined && {token: principal.token}), ...Object.fromEntries(shown)}
}

/** Values that are never secret and tell what was asked; of all others only the names of their keys are kept. */
const TOLD: ReadonlySet<string> = new Set([
  ...['plugin', 'id', 'name', 'version', 'enabled', 'draft', 'activate', 'mode', 'type', 'label', 'registration'],
  ...['action', 'scopes', 'expiresAt', 'graceMs', 'force', 'consent', 'rehearse', 'cron', 'timeZone', 'event'],
])
/** What operators work on are records of the main server: those are told by their ids alone. */
const TOLD_OF_OPERATION: ReadonlySet<string> = new Set(['executions', 'mode'])
const LONGEST_TARGET = 512
const LONGEST_TOLD = 200
const MOST_TOLD = 50

function describeValues(values: unknown, told: ReadonlySet<string>): JsonObject {
  if (typeof values !== 'object' || values === null || isStream(values)) return {}
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, describeValue(value, told.has(key))]))
}

function describeValue(value: unknown, isTold: boolean): Json {
  if (isTold && isShort(value)) return value
  if (Array.isArray(value)) {
    return isTold && value.length <= MOST_TOLD && value.every(isShort) ? value : `${value.length} entries`
  }
  if (typeof value === 'object' && value !== null) return Object.keys(value).slice(0, MOST_TOLD).sort()
  return 'given'
}

function isShort(value: unknown): value is string | number | boolean | null {
  if (typeof value === 'string') return value.length <= LONGEST_TOLD
  return typeof value === 'number' || typeof value === 'boolean' || value === null
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** The body of an upload is a stream. */
function isStream(value: object): boolean {
  return 'pipe' in value && typeof value.pipe === 'function'
}
