import {EventEmitter} from 'node:events'
import {HostError} from '../../host/errors.ts'
import type {
  AccessVerbs,
  ExecuteRequest,
  Execution,
  ExecutionVerbs,
  Host,
  LogLine,
  MappingVerbs,
  Outcome,
  PluginDetail,
  Principal,
  RecordVerbs,
  Registration,
  RuleVerbs,
  ScheduleVerbs,
} from '../../host/types.ts'
import {findOrRefuse} from './find-or-refuse.ts'
import {accessVerbs, createMemoryAccess, type MemoryAccess} from './memory-access.ts'
import {callVerbs} from './memory-calls.ts'
import {historyVerbs} from './memory-history.ts'
import {mappingVerbs} from './memory-mappings.ts'
import {describeEcho, pluginVerbs} from './memory-plugins.ts'
import {recordVerbs} from './memory-records.ts'
import {ruleVerbs, scheduleVerbs} from './memory-workflow.ts'

/** A Host kept in memory, so that HTTP is tested over real sockets without a process behind it. */
export interface MemoryHost extends Host {
  plugins: Map<string, PluginDetail>
  registrations: Map<string, Registration>
  executions: Map<string, Execution>
  artifacts: Map<string, {path: string; type: string}>
  /** Bodies of bundles, as they came. */
  uploads: Buffer[]
  requests: ExecuteRequest[]
  access: MemoryAccess
  ready: boolean
  followers(): number
  log(line: Partial<LogLine>): void
  /** Stands in for an action: what `execute` does with the request. */
  actions: {[name: string]: (request: ExecuteRequest) => Promise<Partial<Outcome>> | Partial<Outcome>}
  /** What installing comes to, once the bytes are read. */
  install: (bytes: Buffer, activate: boolean) => {id: string; created: boolean}
}

export const TOKENS: {[token: string]: Principal} = {
  'admin-token': {name: 'admin', scopes: ['admin']},
  'read-token': {name: 'reader', scopes: ['read']},
  'execute-token': {name: 'caller', scopes: ['execute']},
  'echo-token': {name: 'one-plugin', scopes: ['execute:echo']},
  'other-token': {name: 'another-plugin', scopes: ['execute:other']},
}

const NOW = 1_800_000_000_000

export function createMemoryHost(): MemoryHost {
  const bus = new EventEmitter()
  const lines: LogLine[] = []
  const access = createMemoryAccess()
  const verbs = {
    plugins: new Map([['echo', describeEcho()]]),
    registrations: new Map([['echo', describeRegistration('echo')]]),
    executions: new Map<string, Execution>(),
    artifacts: new Map<string, {path: string; type: string}>(),
    uploads: [] as Buffer[],
    requests: [] as ExecuteRequest[],
    access,
    ready: true,
    followers: () => bus.listenerCount('line'),
    log(line: Partial<LogLine>) {
      const full: LogLine = {...lineDefaults, seq: lines.length + 1, ...line}
      lines.push(full)
      bus.emit('line', full)
    },
    actions: {
      echo: ({input}) => ({output: input}),
      fail: () => ({status: 'failed', error: {code: 'NO', category: 'business', message: 'no', retryable: false}}),
      hang: ({signal}) =>
        new Promise(resolve => signal?.addEventListener('abort', () => resolve({status: 'cancelled'}))),
    } as MemoryHost['actions'],
    install: () => ({id: 'echo', created: true}),
  }
  const host: MemoryHost = {
    ...verbs,
    ...pluginVerbs(() => host, {bus, lines}),
    ...callVerbs(() => host),
    ...historyVerbs(() => host),
    ...recordVerbs(),
    ...mappingVerbs(id => findOrRefuse(verbs.registrations, id, 'REGISTRATION_NOT_FOUND')),
    ...ruleVerbs(),
    ...scheduleVerbs(),
    ...accessVerbs(access),
    ...otherVerbs(() => host),
  }
  return host
}

const lineDefaults = {
  at: NOW,
  plugin: 'echo',
  version: '1.0.0',
  source: 'plugin' as const,
  level: 'info' as const,
  message: 'hello',
}

function describeRegistration(plugin: string, id = plugin): Registration {
  return {
    id,
    plugin,
    name: id,
    enabled: true,
    draft: false,
    notes: '',
    settings: {},
    problems: [],
    config: {},
    createdAt: NOW,
    updatedAt: NOW,
  }
}

type Verbs = AccessVerbs &
  RecordVerbs &
  MappingVerbs &
  RuleVerbs &
  ScheduleVerbs &
  ExecutionVerbs &
  ReturnType<typeof pluginVerbs> &
  ReturnType<typeof callVerbs>

function otherVerbs(self: () => MemoryHost): Omit<Host, keyof Verbs> {
  return {
    listRegistrations: ({plugin} = {}) =>
      [...self().registrations.values()].filter(entry => plugin === undefined || entry.plugin === plugin),
    getRegistration: id => findOrRefuse(self().registrations, id, 'REGISTRATION_NOT_FOUND'),
    async createRegistration({plugin, name, id = name, config = {}}) {
      findOrRefuse(self().plugins, plugin, 'PLUGIN_NOT_FOUND')
      if (self().registrations.has(id)) throw new HostError('REGISTRATION_EXISTS', {id, reason: 'the id is taken'})
      const made = {...describeRegistration(plugin, id), name, config}
      self().registrations.set(id, made)
      return made
    },
    async updateRegistration(id, change) {
      const changed = {...findOrRefuse(self().registrations, id, 'REGISTRATION_NOT_FOUND'), ...change}
      self().registrations.set(id, changed)
      return changed
    },
    async putRegistrationFile(id, field, text) {
      const known = findOrRefuse(self().registrations, id, 'REGISTRATION_NOT_FOUND')
      const changed = {...known, config: {...known.config, [field]: text}}
      self().registrations.set(id, changed)
      return changed
    },
    async removeRegistration(id) {
      findOrRefuse(self().registrations, id, 'REGISTRATION_NOT_FOUND')
      self().registrations.delete(id)
    },
    async testRegistration(id) {
      findOrRefuse(self().registrations, id, 'REGISTRATION_NOT_FOUND')
      return {ok: true, stages: [{name: 'connect', ok: true, durationMs: 1}], error: null, durationMs: 1}
    },
    async listOptions(id, field, {search = ''} = {}) {
      findOrRefuse(self().registrations, id, 'REGISTRATION_NOT_FOUND')
      return {options: [{value: field, label: `${field} ${search}`}], more: false}
    },
    authenticate: bearer => (Object.hasOwn(TOKENS, bearer) ? TOKENS[bearer] : undefined),
    health: () => ({status: 'ok', version: '0.0.0', uptimeMs: 1}),
    readiness: () => (self().ready ? {ready: true, reasons: []} : {ready: false, reasons: ['the server is stopping']}),
    metrics: async () => ({type: 'text/plain; version=0.0.4; charset=utf-8', text: 'up 1\n'}),
    stop: async () => {},
  }
}
