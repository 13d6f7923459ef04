import {EventEmitter, on} from 'node:events'
import {HostError} from '../../host/errors.ts'
import type {
  ExecuteRequest,
  Execution,
  Host,
  LogLine,
  Outcome,
  PluginDetail,
  PluginSummary,
  Principal,
  Registration,
} from '../../host/types.ts'
import {echoManifest} from './echo-manifest.ts'

/** A Host kept in memory, so that HTTP is tested over real sockets without a process behind it. */
export interface MemoryHost extends Host {
  plugins: Map<string, PluginDetail>
  registrations: Map<string, Registration>
  executions: Map<string, Execution>
  artifacts: Map<string, {path: string; type: string}>
  /** Bodies of bundles, as they came. */
  uploads: Buffer[]
  requests: ExecuteRequest[]
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
  const verbs = {
    plugins: new Map([['echo', describeEcho()]]),
    registrations: new Map([['echo', describeRegistration('echo')]]),
    executions: new Map<string, Execution>(),
    artifacts: new Map<string, {path: string; type: string}>(),
    uploads: [] as Buffer[],
    requests: [] as ExecuteRequest[],
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

function describeEcho(): PluginDetail {
  return {
    id: 'echo',
    name: 'Echo',
    summary: 'Answers what it is given',
    kinds: ['action'],
    version: '1.0.0',
    enabled: true,
    state: {name: 'running', since: NOW},
    restarts: 0,
    queued: 0,
    process: null,
    manifest: echoManifest,
    versions: [{version: '1.0.0', digest: 'ab', installedAt: NOW, active: true}],
    permissions: {net: [], exec: false, workers: false, addons: false, hostApi: [], effects: []},
    allowed: ['read its own files'],
  }
}

function describeRegistration(plugin: string, id = plugin): Registration {
  return {id, plugin, name: id, enabled: true, config: {}, createdAt: NOW, updatedAt: NOW}
}

function find<T>(
  map: Map<string, T>,
  id: string,
  code: 'PLUGIN_NOT_FOUND' | 'REGISTRATION_NOT_FOUND' | 'EXECUTION_NOT_FOUND',
): T {
  const found = map.get(id)
  if (found === undefined) throw new HostError(code, {id})
  return found
}

type PluginVerb = 'installBundle' | 'listPlugins' | 'getPlugin' | 'activatePlugin' | 'enablePlugin' | 'disablePlugin'
type LogVerb = 'restartPlugin' | 'removePlugin' | 'readLogs' | 'followLogs'

function pluginVerbs(
  self: () => MemoryHost,
  {bus, lines}: {bus: EventEmitter; lines: LogLine[]},
): Pick<Host, PluginVerb | LogVerb> {
  const get = (id: string): PluginDetail => find(self().plugins, id, 'PLUGIN_NOT_FOUND')
  const change = async (id: string, enabled: boolean): Promise<PluginSummary> => {
    const changed = {...get(id), enabled}
    self().plugins.set(id, changed)
    return changed
  }
  return {
    async installBundle(source, {activate = true} = {}) {
      if (typeof source === 'string') throw new HostError('BUNDLE_NOT_FOUND', {path: source})
      const chunks: Uint8Array[] = []
      for await (const chunk of source) chunks.push(chunk)
      const bytes = Buffer.concat(chunks)
      self().uploads.push(bytes)
      const made = self().install(bytes, activate)
      return {version: '1.0.0', digest: 'ab', activated: activate && made.created, registration: null, ...made}
    },
    listPlugins: () => [...self().plugins.values()],
    getPlugin: get,
    async activatePlugin(id, version) {
      if (!get(id).versions.some(known => known.version === version)) {
        throw new HostError('PLUGIN_VERSION_NOT_FOUND', {id, version})
      }
      return {plugin: id, from: null, to: version, tookMs: 1}
    },
    enablePlugin: id => change(id, true),
    disablePlugin: id => change(id, false),
    restartPlugin: async id => get(id),
    async removePlugin(id) {
      get(id)
      self().plugins.delete(id)
    },
    readLogs(id, {lines: count = 100, execution} = {}) {
      get(id)
      return lines.filter(line => execution === undefined || line.execution === execution).slice(-count)
    },
    async *followLogs(_id, {signal}) {
      try {
        for await (const [line] of on(bus, 'line', {signal})) yield line as LogLine
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },
  }
}

type CallVerb = 'execute' | 'listExecutions' | 'getExecution' | 'cancelExecution' | 'getArtifact'

function callVerbs(self: () => MemoryHost): Pick<Host, CallVerb> {
  let count = 0
  return {
    async execute(request) {
      const {registration, action, input} = request
      const {plugin} = find(self().registrations, registration, 'REGISTRATION_NOT_FOUND')
      self().requests.push(request)
      const run = self().actions[action]
      if (!run) throw new HostError('ACTION_NOT_FOUND', {action, id: plugin, known: Object.keys(self().actions)})
      const execution = `e${++count}`
      const came = await run(request)
      const outcome: Outcome = {...outcomeDefaults, execution, ...came}
      self().executions.set(execution, {...outcome, ...executionDefaults, registration, plugin, action, input})
      return outcome
    },
    listExecutions: ({plugin, registration, status, limit = 10, before} = {}) =>
      [...self().executions.values()]
        .reverse()
        .filter(entry => before === undefined || Number(entry.execution.slice(1)) < Number(before.slice(1)))
        .filter(entry => plugin === undefined || entry.plugin === plugin)
        .filter(entry => registration === undefined || entry.registration === registration)
        .filter(entry => status === undefined || entry.status === status)
        .slice(0, limit),
    getExecution: id => find(self().executions, id, 'EXECUTION_NOT_FOUND'),
    cancelExecution: id => find(self().executions, id, 'EXECUTION_NOT_FOUND'),
    getArtifact(execution, name) {
      find(self().executions, execution, 'EXECUTION_NOT_FOUND')
      const found = self().artifacts.get(name)
      if (!found) throw new HostError('ARTIFACT_NOT_FOUND', {name})
      return found
    },
  }
}

const outcomeDefaults: Omit<Outcome, 'execution'> = {
  status: 'succeeded',
  output: null,
  effects: [],
  message: 'done',
  error: null,
  attempts: 1,
  durationMs: 1,
}

const executionDefaults = {
  version: '1.0.0',
  mode: 'live' as const,
  by: 'test',
  startedAt: NOW,
  endedAt: NOW,
  records: 0,
  artifacts: [],
}

function otherVerbs(self: () => MemoryHost): Omit<Host, PluginVerb | LogVerb | CallVerb> {
  return {
    listRegistrations: ({plugin} = {}) =>
      [...self().registrations.values()].filter(entry => plugin === undefined || entry.plugin === plugin),
    getRegistration: id => find(self().registrations, id, 'REGISTRATION_NOT_FOUND'),
    async createRegistration({plugin, name, id = name, config = {}}) {
      find(self().plugins, plugin, 'PLUGIN_NOT_FOUND')
      if (self().registrations.has(id)) throw new HostError('REGISTRATION_EXISTS', {id, reason: 'the id is taken'})
      const made = {...describeRegistration(plugin, id), name, config}
      self().registrations.set(id, made)
      return made
    },
    async updateRegistration(id, change) {
      const changed = {...find(self().registrations, id, 'REGISTRATION_NOT_FOUND'), ...change}
      self().registrations.set(id, changed)
      return changed
    },
    async removeRegistration(id) {
      find(self().registrations, id, 'REGISTRATION_NOT_FOUND')
      self().registrations.delete(id)
    },
    async testRegistration(id) {
      find(self().registrations, id, 'REGISTRATION_NOT_FOUND')
      return {ok: true, stages: [{name: 'connect', ok: true, durationMs: 1}], error: null, durationMs: 1}
    },
    async listOptions(id, field, {search = ''} = {}) {
      find(self().registrations, id, 'REGISTRATION_NOT_FOUND')
      return {options: [{value: field, label: `${field} ${search}`}], more: false}
    },
    authenticate: bearer => (Object.hasOwn(TOKENS, bearer) ? TOKENS[bearer] : undefined),
    health: () => ({status: 'ok', version: '0.0.0', uptimeMs: 1}),
    readiness: () => (self().ready ? {ready: true, reasons: []} : {ready: false, reasons: ['the server is stopping']}),
    metrics: async () => ({type: 'text/plain; version=0.0.4; charset=utf-8', text: 'up 1\n'}),
    stop: async () => {},
  }
}
