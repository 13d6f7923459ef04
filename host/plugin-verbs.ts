import {rm} from 'node:fs/promises'
import {join} from 'node:path'
import {installBundle} from './bundle/install-bundle.ts'
import {pruneVersions, removeVersion} from './bundle/installed-versions.ts'
import type {Clock} from './clock.ts'
import type {Config} from './config.ts'
import {HostError, isHostError} from './errors.ts'
import {describeLaunch} from './launch-spec.ts'
import {grantedPermissions} from './manifest.ts'
import type {PluginLogs} from './plugin-logs.ts'
import {describeAllowed} from './process/isolation.ts'
import type {LaunchSpec} from './process/types.ts'
import type {Catalog} from './registry/catalog.ts'
import type {Registrations} from './registry/registrations.ts'
import type {Store} from './store/open-store.ts'
import type {Fleet} from './supervision/fleet.ts'
import type {Supervisor} from './supervision/supervisor.ts'
import type {ActivateOptions, Host, PluginDetail, PluginSummary, ProcessFacts, SwapReport} from './types.ts'
import {isHeldBack} from './upgrade/refuse-upgrade.ts'
import type {Upgrades} from './upgrade/upgrades.ts'

type PluginVerbs = Pick<
  Host,
  | 'installBundle'
  | 'listPlugins'
  | 'getPlugin'
  | 'activatePlugin'
  | 'previewUpgrade'
  | 'enablePlugin'
  | 'disablePlugin'
  | 'restartPlugin'
  | 'removePlugin'
>

export interface PluginVerbParts {
  config: Config
  clock: Clock
  catalog: Catalog
  fleet: Fleet
  registrations: Registrations
  logs: PluginLogs
  upgrades: Upgrades
  /** What the plugin had stored through the host. */
  kv: Store['kv']
  inspect?: LaunchSpec['inspect'] | undefined
}

/** The verbs on plugins: what is installed, which version is active, whether it runs. */
export function createPluginVerbs(parts: PluginVerbParts): PluginVerbs {
  const {config, clock, catalog, fleet, registrations, logs, upgrades, kv, inspect} = parts
  const {dataFolder} = config

  function supervise(id: string, version: string): Supervisor {
    return fleet.find(id) ?? fleet.add(describeLaunch(catalog.getVersion(id, version), dataFolder, inspect))
  }

  /** The first version is started as it is; a later one is swapped in. */
  async function activate(id: string, version: string, options: ActivateOptions = {}): Promise<SwapReport> {
    const started = clock.elapsed()
    const {activeVersion: from} = catalog.get(id)
    const spec = describeLaunch(catalog.getVersion(id, version), dataFolder, inspect)
    const upgrade = await upgrades.activate(id, version, options, async commit => {
      const supervisor = fleet.find(id)
      if (supervisor) await supervisor.swap(spec)
      commit()
      if (supervisor) return
      // Active before it has started: a first start that fails is tried again like any crash.
      const added = supervise(id, version)
      if (catalog.get(id).enabled) await added.start()
      else await added.disable()
    })
    return {plugin: id, from, to: version, tookMs: Math.round(clock.elapsed() - started), upgrade}
  }

  async function prune(id: string): Promise<void> {
    const {activeVersion} = catalog.get(id)
    const running = fleet.find(id)?.process?.version
    const inUse = new Set([activeVersion, running].filter(version => version !== null && version !== undefined))
    const gone = await pruneVersions(dataFolder, id, {keep: config.bundle.keepVersions, inUse})
    if (gone.length > 0) catalog.removeVersions(id, gone)
  }

  function summarize(id: string): PluginSummary {
    const {activeVersion, enabled} = catalog.get(id)
    const manifest = catalog.findManifest(id)
    const supervisor = fleet.find(id)
    return {
      id,
      name: manifest?.name ?? id,
      summary: manifest?.summary ?? '',
      kinds: manifest?.kinds ?? [],
      version: activeVersion,
      enabled,
      state: supervisor?.state ?? {name: enabled ? 'stopped' : 'disabled'},
      restarts: supervisor?.restarts ?? 0,
      queued: supervisor?.queued ?? 0,
      process: describeProcess(supervisor),
    }
  }

  function describe(id: string): PluginDetail {
    const {activeVersion} = catalog.get(id)
    const manifest = catalog.findManifest(id)
    if (!manifest) throw new HostError('PLUGIN_NOT_FOUND', {id})
    const versions = catalog
      .listVersions(id)
      .map(({version, digest, installedAt}) => ({version, digest, installedAt, active: version === activeVersion}))
    const launch = describeLaunch({plugin: id, version: manifest.version, folder: '', manifest}, dataFolder)
    return {
      ...summarize(id),
      manifest,
      versions,
      permissions: grantedPermissions(manifest),
      allowed: describeAllowed(launch),
    }
  }

  return {
    async installBundle(source, {activate: wanted = true, ...options} = {}) {
      const bundle = await installBundle(source, {dataFolder, limits: config.bundle})
      const {id, version, digest, folder, manifest} = bundle
      const known = catalog.find(id) ? catalog.listVersions(id).some(each => each.version === version) : false
      if (bundle.added || !known) catalog.addVersion({plugin: id, version, digest, folder, manifest})
      const change = wanted && catalog.get(id).activeVersion !== version
      // Made before the start, so that the first process already knows its configuration.
      if (change && catalog.get(id).activeVersion === null) catalog.setActive(id, version)
      const registration = change ? registrations.createDefault(id) : null
      try {
        if (change) await activate(id, version, options)
      } catch (error) {
        throw isHeldBack(error) ? new HostError(error.code, {...error.details, staged: true}) : error
      } finally {
        await prune(id)
      }
      return {id, version, digest, created: bundle.added, activated: change, registration: registration?.id ?? null}
    },
    listPlugins: () => catalog.list().map(({id}) => summarize(id)),
    getPlugin: describe,
    activatePlugin: activate,
    previewUpgrade: (id, version, options) => upgrades.preview(id, version, options),
    async enablePlugin(id) {
      const {activeVersion} = catalog.get(id)
      catalog.setEnabled(id, true)
      if (activeVersion !== null) {
        const supervisor = supervise(id, activeVersion)
        if (supervisor.state.name === 'disabled') supervisor.enable()
        await supervisor.start()
      }
      return summarize(id)
    },
    async disablePlugin(id) {
      catalog.get(id)
      catalog.setEnabled(id, false)
      await fleet.find(id)?.disable()
      return summarize(id)
    },
    async restartPlugin(id) {
      const {activeVersion, enabled} = catalog.get(id)
      if (!enabled) throw new HostError('PLUGIN_DISABLED', {id})
      if (activeVersion === null) throw new HostError('PLUGIN_NOT_RUNNING', {id, state: 'staged: no version is active'})
      await supervise(id, activeVersion).restart()
      return summarize(id)
    },
    async removePlugin(id) {
      const versions = catalog.listVersions(id)
      await fleet.remove(id)
      registrations.removeAll(id)
      kv.clear(id)
      catalog.remove(id)
      for (const {version} of versions) {
        await removeVersion(dataFolder, id, version).catch(error => {
          if (!isHostError(error, 'PLUGIN_VERSION_NOT_FOUND')) throw error
        })
      }
      await rm(join(dataFolder, 'plugin-data', id), {recursive: true, force: true})
      await logs.forget(id)
    },
  }
}

function describeProcess(supervisor: Supervisor | undefined): ProcessFacts | null {
  const process = supervisor?.process
  if (!process) return null
  const {pid, version, startedAt, readyMs, memory, inFlight} = process
  return {pid, version, startedAt, readyMs, ...memory, inFlight, isolation: 0}
}
