import {randomBytes} from 'node:crypto'
import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import type {ConfigureParams} from '../runtime/protocol.ts'
import {emptyStaging} from './bundle/staging.ts'
import {type Clock, delay, systemClock} from './clock.ts'
import type {Config} from './config.ts'
import {HostError} from './errors.ts'
import {createExecutor} from './execution/executor.ts'
import {createHostApi} from './execution/host-api.ts'
import {describeLaunch, findLoader} from './launch-spec.ts'
import type {Log} from './log.ts'
import {createDesk, type Desk} from './main-server/desk.ts'
import {createMetrics} from './metrics.ts'
import {packageVersion} from './package-version.ts'
import {createPluginLogs} from './plugin-logs.ts'
import {createPluginVerbs} from './plugin-verbs.ts'
import {startGuardian} from './process/guardian.ts'
import {createProcessStarter} from './process/start-process.ts'
import {sweepRunFolder} from './process/sweep.ts'
import type {LaunchSpec, TraceDirection} from './process/types.ts'
import {redactMessage} from './redact-message.ts'
import {createRegistrationVerbs} from './registration-verbs.ts'
import {createCatalog} from './registry/catalog.ts'
import {Registrations} from './registry/registrations.ts'
import {openSecrets} from './registry/secrets.ts'
import {openTokens} from './registry/tokens.ts'
import {createReleasers} from './releasers.ts'
import {routePluginRequests} from './route-plugin-requests.ts'
import {lockDataFolder} from './store/lock-data-folder.ts'
import {openStore} from './store/open-store.ts'
import {createFleet} from './supervision/fleet.ts'
import type {SupervisionEvent} from './supervision/types.ts'
import type {Host} from './types.ts'

export interface HostOptions {
  config: Config
  log: Log
  clock?: Clock
  /** Every message to and from a plugin, the secrets of its registrations taken out. Costs time: for its author's tools. */
  onTrace?: (plugin: string, direction: TraceDirection, message: unknown) => void
  /** Attaches Node's debugger to every plugin process; then no timer runs against them. */
  inspect?: LaunchSpec['inspect']
}

/** A host, and the embedded main server that stands behind it. */
export interface OpenedHost {
  host: Host
  desk: Desk
}

const POLL_MS = 20

/** Opens the data folder, ends what a host before has left, and starts the plugins. The one place that knows every part. */
export async function createHost({clock = systemClock, ...options}: HostOptions): Promise<OpenedHost> {
  const releasers = createReleasers()
  try {
    return await open({...options, clock}, releasers)
  } catch (error) {
    await releasers.release()
    throw error
  }
}

async function open(
  {config, log, clock, onTrace, inspect}: HostOptions & {clock: Clock},
  releasers: ReturnType<typeof createReleasers>,
): Promise<OpenedHost> {
  const {dataFolder} = config
  const startedAt = clock.now()
  await mkdir(dataFolder, {recursive: true, mode: 0o700})
  releasers.push(lockDataFolder(dataFolder))
  const runFolder = join(dataFolder, 'run')
  const swept = await sweepRunFolder(runFolder)
  if (swept.length > 0) log.warn({pids: swept}, 'Ended plugin processes that a server before this one has left')
  await emptyStaging(dataFolder)

  const store = openStore(join(dataFolder, 'plugin-host.db'), {
    clock,
    onError: error => log.error(error, 'Cannot write to the store'),
  })
  releasers.push(() => store.close())
  const secrets = openSecrets(join(dataFolder, 'secret.key'), store)
  const tokens = openTokens(join(dataFolder, 'token'), {store, clock})
  const catalog = createCatalog({store, clock})
  const registrations = new Registrations({store, secrets, clock, findManifest: catalog.findManifest})
  const desk = createDesk(store, clock)
  const logs = createPluginLogs({
    folder: join(dataFolder, 'logs'),
    config: config.process,
    clock,
    redact: (plugin, text) => registrations.redactorOfPlugin(plugin).text(text),
  })
  releasers.push(() => logs.close())

  const hostMark = randomBytes(8).toString('hex')
  const guardian = startGuardian(hostMark)
  releasers.push(() => guardian.close())
  const metrics = createMetrics(
    () => plugins.listPlugins(),
    () => logs.dropped,
  )
  const fleet = createFleet({
    clock,
    config,
    random: Math.random,
    startProcess: createProcessStarter({
      loader: findLoader(),
      runFolder,
      hostMark,
      guardian,
      config: config.process,
      clock,
    }),
    forPlugin: id => ({
      hooks: version => ({
        onLog: line => logs.write({plugin: id, version, ...line}),
        onRequest: (method, params) => requests.answer(id, method, params),
        ...(onTrace && {onTrace: (direction, message) => onTrace(id, direction, redactTrace(id, message))}),
      }),
      listConfigurations: () => listConfigurations(id),
      onEvent: event => onEvent(id, event),
    }),
  })
  const executor = createExecutor({
    clock,
    store,
    artifactFolder: join(dataFolder, 'artifacts'),
    findRegistration: id => registrations.find(id),
    findManifest: catalog.findActive,
    callPlugin: (plugin, method, params, options) => {
      const supervisor = fleet.find(plugin)
      if (!supervisor) throw new HostError('PLUGIN_NOT_RUNNING', {id: plugin, state: 'not started', sent: false})
      return supervisor.call(method, params, options)
    },
    mainServer: desk,
    redactorFor: id => registrations.redactorFor(id),
    config: config.execution,
    onFinished: ({plugin, action, status, durationMs}) => metrics.countExecution(plugin, action, status, durationMs),
    onError: error => log.error(error, 'An execution went wrong'),
  })
  await executor.sweep()
  const requests = routePluginRequests({
    catalog,
    executor,
    hostApi: createHostApi({mainServer: desk, store}),
  })
  const plugins = createPluginVerbs({config, clock, catalog, fleet, registrations, logs, kv: store.kv, inspect})
  const registrationVerbs = createRegistrationVerbs({clock, registrations, catalog, fleet})

  function listConfigurations(plugin: string): ConfigureParams[] {
    return registrations.list({plugin}).flatMap(({id, name, enabled}) => {
      if (!enabled) return []
      try {
        return [{registration: id, name, config: registrations.openConfig(id)}]
      } catch (error) {
        // A version may ask for more than the one it was configured for: this registration waits, the others serve.
        logs.write({
          plugin,
          version: '',
          source: 'host',
          level: 'error',
          message: `Cannot configure registration "${id}": ${(error as Error).message}`,
        })
        return []
      }
    })
  }

  function redactTrace(id: string, message: unknown): unknown {
    return redactMessage(message, catalog.findManifest(id), registrations.redactorOfPlugin(id))
  }

  function onEvent(id: string, event: SupervisionEvent): void {
    if (event.type === 'ready') metrics.countReady(id, event.readyMs)
    if (event.type === 'exit' && !event.expected) {
      metrics.countRestart(id, event.exit.reason)
      log.warn({plugin: id, exit: event.exit.message}, 'A plugin process ended')
    }
    if (event.type === 'swap') {
      metrics.countSwap(id, event.result)
      log[event.result === 'done' ? 'info' : 'warn']({plugin: id, ...event}, 'Hot swap')
      if (event.result === 'rolledBack') catalog.setActive(id, event.to)
    }
  }

  // Each first start either succeeds or is left to the restart policy; readiness waits for no more than that.
  const starting = new Set<string>()
  for (const {id, activeVersion, enabled} of catalog.list()) {
    const version = catalog.findActive(id)
    if (activeVersion === null || !version) continue
    const spec = describeLaunch(version, dataFolder)
    const supervisor = fleet.add(spec)
    if (!enabled) await supervisor.disable()
    else if (spec.limits.start === 'eager') {
      starting.add(id)
      supervisor
        .start()
        .catch(error => log.warn({plugin: id, error: String(error)}, 'A plugin did not start'))
        .finally(() => starting.delete(id))
    }
  }

  let stopping: Promise<void> | undefined
  async function stop(): Promise<void> {
    log.info({}, 'Stopping')
    const end =
      clock.elapsed() + Math.max(0, config.stopTimeoutMs - config.process.drainMs - config.process.terminateMs)
    while (executor.running() > 0 && clock.elapsed() < end) await delay(clock, POLL_MS)
    executor.cancelAll()
    await fleet.stop()
    while (executor.running() > 0 && clock.elapsed() < end + config.process.drainMs) await delay(clock, POLL_MS)
    await releasers.release()
  }

  const host: Host = {
    ...plugins,
    ...registrationVerbs,
    readLogs(id, options) {
      catalog.get(id)
      return logs.read(id, options)
    },
    followLogs(id, options) {
      catalog.get(id)
      return logs.follow(id, options)
    },
    async execute(request) {
      if (stopping !== undefined) throw new HostError('HOST_STOPPING')
      return executor.execute(request)
    },
    listExecutions: filter => executor.list(filter),
    getExecution: id => executor.get(id),
    cancelExecution: id => executor.cancel(id),
    getArtifact: (execution, name) => executor.getArtifact(execution, name),
    authenticate: bearer => tokens.authenticate(bearer),
    health: () => ({status: 'ok', version: packageVersion(), uptimeMs: clock.now() - startedAt}),
    readiness() {
      const reasons = [
        ...(stopping !== undefined ? ['the server is stopping'] : []),
        ...[...starting].map(id => `plugin "${id}" is starting`),
      ]
      return {ready: reasons.length === 0, reasons}
    },
    metrics: () => metrics.render(),
    stop: () => (stopping ??= stop()),
  }
  return {host, desk}
}
