import {join} from 'node:path'
import {type Capabilities, type ConfigureParams, METHODS, type Permissions} from '../runtime/protocol.ts'
import {createStaging, removeTree} from './bundle/staging.ts'
import type {CallSignal} from './call-signal.ts'
import type {Clock} from './clock.ts'
import type {Config} from './config.ts'
import {HostError} from './errors.ts'
import type {HostApi} from './execution/host-api.ts'
import {describeLaunch} from './launch-spec.ts'
import {grantedPermissions, type Manifest} from './manifest.ts'
import type {PluginLogs} from './plugin-logs.ts'
import type {PluginProcess, ProcessHooks, StartProcess} from './process/types.ts'
import {refuseSeal} from './refuse-seal.ts'
import type {Catalog} from './registry/catalog.ts'
import {startDeadline} from './supervision/deadline.ts'
import {startReady} from './supervision/start-ready.ts'

/** A process of one installed version beside the fleet: nothing reaches it but what its opener calls. */
export interface SideProcess {
  readonly capabilities: Capabilities
  /** Rejects with PluginFailure or HostError (EXECUTION_TIMED_OUT, PLUGIN_CRASHED, ...), or the signal's reason. */
  call(method: string, params: object, options: SideCall): Promise<{result: unknown; version: string}>
  /** Resolves when nothing is left of it, its folder included. Idempotent: the same promise each time. */
  stop(): Promise<void>
}

export interface SideCall {
  /** Milliseconds since 1970. */
  deadline: number
  signal?: CallSignal
  /** For messages; the method when left out. */
  action?: string
}

export interface SideOptions {
  /** Without network, other programs, threads and add-ons, and what it asks the host to write or to fetch is refused. */
  sealed: boolean
  configurations: ConfigureParams[]
  /** What it may do at most; all that its manifest asks for when left out. */
  permissions?: Permissions
  /** Why it runs; marks its lines in the plugin's log. */
  purpose?: 'dryRun' | 'migration' | 'rehearsal'
  signal?: AbortSignal
}

export interface SideProcesses {
  /** Rejects with PLUGIN_VERSION_NOT_FOUND, PLUGIN_START_FAILED, ..., DRY_RUN_UNSUPPORTED when it cannot be sealed. */
  open(plugin: string, version: string, options: SideOptions): Promise<SideProcess>
  /** Ends those that are open, and those that are being opened. */
  close(): Promise<void>
}

export interface SideProcessParts {
  clock: Clock
  config: Pick<Config, 'process' | 'dataFolder'>
  catalog: Pick<Catalog, 'getVersion'>
  startProcess: StartProcess
  hostApi: HostApi
  logs: Pick<PluginLogs, 'write'>
  /** What takes secrets out of what it says. */
  watchWire(plugin: string): Pick<ProcessHooks, 'redactor' | 'onTrace'>
}

const OUTGOING: readonly string[] = [METHODS.kvSet, METHODS.kvDelete, METHODS.httpFetch]

export function createSideProcesses(parts: SideProcessParts): SideProcesses {
  const closing = new AbortController()
  const known = new Set<Promise<SideProcess>>()

  function open(plugin: string, version: string, options: SideOptions): Promise<SideProcess> {
    const signals = [closing.signal, ...(options.signal ? [options.signal] : [])]
    const opening = openProcess(plugin, version, {
      ...options,
      parts,
      signal: AbortSignal.any(signals),
      onStopped: () => void known.delete(opening),
    })
    known.add(opening)
    opening.catch(() => known.delete(opening))
    return opening
  }

  return {
    open,
    async close() {
      closing.abort(new HostError('HOST_STOPPING'))
      const left = [...known].map(opening =>
        opening.then(
          side => side.stop(),
          () => {},
        ),
      )
      await Promise.all(left)
    },
  }
}

interface OpenOptions extends SideOptions {
  parts: SideProcessParts
  signal: AbortSignal
  onStopped(): void
}

async function openProcess(plugin: string, version: string, options: OpenOptions): Promise<SideProcess> {
  const {parts, sealed, signal, configurations, onStopped} = options
  const {clock, config, catalog, startProcess} = parts
  signal.throwIfAborted()
  const row = catalog.getVersion(plugin, version)
  const refusal = sealed ? refuseSeal(row.manifest) : undefined
  if (refusal) throw new HostError('DRY_RUN_UNSUPPORTED', {action: plugin, reason: refusal})
  const permissions = limitPermissions(row.manifest, options)
  // Never the plugin's own: what it keeps there is for the version that serves.
  const folder = await createStaging(config.dataFolder)
  const spec = {...describeLaunch(row, config.dataFolder), dataFolder: join(folder, 'data'), permissions}
  const hooks = createHooks(plugin, version, permissions, options)
  try {
    const ready = {clock, startProcess, hooks: () => hooks, listConfigurations: () => configurations}
    const process = await startReady(ready, spec, {signal, strict: false})
    return wrap(process, {
      parts,
      async onStopped() {
        await removeTree(folder)
        onStopped()
      },
    })
  } catch (error) {
    await removeTree(folder)
    throw error
  }
}

function limitPermissions(manifest: Manifest, {sealed, permissions: most}: SideOptions): Permissions {
  const granted = grantedPermissions(manifest)
  const limited = most ? intersect(granted, most) : granted
  return sealed ? {...limited, net: [], exec: false, workers: false, addons: false} : limited
}

function intersect(one: Permissions, other: Permissions): Permissions {
  return {
    net: other.net.includes('*') ? one.net : one.net.filter(host => other.net.includes(host)),
    exec: one.exec && other.exec,
    workers: one.workers && other.workers,
    addons: one.addons && other.addons,
    hostApi: one.hostApi.filter(method => other.hostApi.includes(method)),
    effects: one.effects.filter(op => other.effects.includes(op)),
  }
}

function createHooks(
  plugin: string,
  version: string,
  permissions: Permissions,
  {parts, sealed, purpose = 'dryRun'}: OpenOptions,
): ProcessHooks {
  const sizes = new Map<string, number>()
  return {
    ...parts.watchWire(plugin),
    onLog: ({fields, ...line}) => parts.logs.write({plugin, version, ...line, fields: {...fields, beside: purpose}}),
    async onRequest(method, params) {
      // What it finds and makes belongs to no execution that could keep it.
      if (method === METHODS.records) return {accepted: 0}
      if (method === METHODS.artifact) return {bytes: countBytes(sizes, params)}
      if (sealed && OUTGOING.includes(method)) {
        throw new HostError('HOST_API_DENIED', {method, id: plugin, reason: 'this is a dry run, and sealed'})
      }
      return parts.hostApi.handle({id: plugin, permissions}, method, params)
    },
  }
}

function countBytes(sizes: Map<string, number>, params: unknown): number {
  const {execution, name, data} = Object(params) as {execution?: unknown; name?: unknown; data?: unknown}
  const key = JSON.stringify([execution, name])
  const bytes = (sizes.get(key) ?? 0) + Buffer.byteLength(String(data ?? ''), 'base64')
  sizes.set(key, bytes)
  return bytes
}

function wrap(
  process: PluginProcess,
  {parts: {clock, config}, onStopped}: {parts: SideProcessParts; onStopped(): Promise<void>},
): SideProcess {
  let stopping: Promise<void> | undefined

  async function stop(): Promise<void> {
    // A call that is still running has been given up by its caller.
    if (process.inFlight > 0) process.end('stopped', 'given up')
    await process.stop()
    await onStopped()
  }

  return {
    capabilities: process.capabilities,
    async call(method, params, {deadline: at, signal, action = method}) {
      const deadline = startDeadline({
        clock,
        deadline: at,
        capMs: config.process.progressCapMs,
        signal,
        action,
        paused: false,
      })
      try {
        deadline.signal.throwIfAborted()
        const result = await process.call(method, params, {signal: deadline.signal})
        return {result, version: process.version}
      } finally {
        deadline.release()
      }
    },
    stop: () => (stopping ??= stop()),
  }
}
