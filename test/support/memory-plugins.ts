import {type EventEmitter, on} from 'node:events'
import {HostError} from '../../host/errors.ts'
import type {Host, LogLine, PluginDetail, PluginSummary, UpgradeReport} from '../../host/types.ts'
import {echoManifest} from './echo-manifest.ts'
import {findOrRefuse} from './find-or-refuse.ts'
import type {MemoryHost} from './memory-host.ts'

const NOW = 1_800_000_000_000

/** An installed plugin that runs. */
export function describeEcho(): PluginDetail {
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

function describeUpgrade(plugin: string, to: string, rehearse?: number): UpgradeReport {
  const nothing = {same: 0, differs: 0, failed: 0, skipped: 0, executions: []}
  return {
    plugin,
    from: '0.9.0',
    to,
    permissions: {added: {exec: true}, removed: {}, grows: true},
    actions: {added: [], removed: []},
    schemas: [],
    registrations: [],
    brokenMappings: [],
    brokenRules: [],
    ok: true,
    needsConsent: true,
    rehearsal: rehearse === undefined ? null : {asked: rehearse, ...nothing},
  }
}

type PluginVerb =
  | 'previewUpgrade'
  | 'installBundle'
  | 'listPlugins'
  | 'getPlugin'
  | 'activatePlugin'
  | 'enablePlugin'
  | 'disablePlugin'
type LogVerb = 'restartPlugin' | 'removePlugin' | 'readLogs' | 'followLogs'

export function pluginVerbs(
  self: () => MemoryHost,
  {bus, lines}: {bus: EventEmitter; lines: LogLine[]},
): Pick<Host, PluginVerb | LogVerb> {
  const get = (id: string): PluginDetail => findOrRefuse(self().plugins, id, 'PLUGIN_NOT_FOUND')
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
      return {plugin: id, from: null, to: version, tookMs: 1, upgrade: null}
    },
    async previewUpgrade(id, version, {rehearse} = {}) {
      if (!get(id).versions.some(known => known.version === version)) {
        throw new HostError('PLUGIN_VERSION_NOT_FOUND', {id, version})
      }
      return describeUpgrade(id, version, rehearse)
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
