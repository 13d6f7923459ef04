import {join} from 'node:path'
import {createAccessVerbs} from './access-verbs.ts'
import {type Clock, delay, systemClock} from './clock.ts'
import type {Config} from './config.ts'
import {createDryRuns} from './dry-runs.ts'
import {HostError} from './errors.ts'
import {createExecutor} from './execution/executor.ts'
import {createHostApi} from './execution/host-api.ts'
import {startRetention} from './execution/retention.ts'
import {createRetry} from './execution/retry-executions.ts'
import {createSealedCalls} from './execution/seal-call.ts'
import {createExecutionVerbs} from './execution-verbs.ts'
import {listBroken} from './list-broken.ts'
import type {Log} from './log.ts'
import type {Desk} from './main-server/desk.ts'
import {createMappings} from './mapping-verbs.ts'
import {createMetrics} from './metrics.ts'
import {openState} from './open-state.ts'
import {createTurns, openUpgrades} from './open-upgrades.ts'
import {packageVersion} from './package-version.ts'
import {createPluginVerbs} from './plugin-verbs.ts'
import type {LaunchSpec, TraceDirection} from './process/types.ts'
import {createRecordVerbs} from './record-verbs.ts'
import {createRegistrationVerbs} from './registration-verbs.ts'
import {createReleasers, type Releasers} from './releasers.ts'
import {routePluginRequests} from './route-plugin-requests.ts'
import {createRuleVerbs} from './rule-verbs.ts'
import {createPluginFleet, createStarter, type RunPluginsParts, watchWire} from './run-plugins.ts'
import {createScheduleVerbs} from './schedule-verbs.ts'
import {createSideProcesses} from './side-process.ts'
import {startPlugins} from './start-plugins.ts'
import type {Host, Module} from './types.ts'

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
const unavailable = async (): Promise<never> => Promise.reject(new HostError('HOST_INTERNAL'))

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
  releasers: Releasers,
): Promise<OpenedHost> {
  const {dataFolder} = config
  const startedAt = clock.now()
  const state = await openState(config, {log, clock, releasers})
  const {store, secrets, tokens, catalog, registrations, desk, mainServer, logs} = state
  const metrics = createMetrics(
    () => plugins.listPlugins(),
    () => logs.dropped,
    () => executor.queue,
    store.syncedCommits,
  )
  const answer: RunPluginsParts['answer'] = (plugin, method, params) => requests.answer(plugin, method, params)
  const startProcess = createStarter({config, state, clock, releasers})
  const fleet = createPluginFleet({config, state, log, clock, metrics, startProcess, answer, onTrace})
  const hostApi = createHostApi({mainServer, store})
  const sideProcesses = createSideProcesses({
    clock,
    config,
    catalog,
    startProcess,
    hostApi,
    logs,
    watchWire: plugin => watchWire(state, plugin, onTrace),
  })
  releasers.push(() => sideProcesses.close())
  const executor = createExecutor({
    clock,
    store,
    secrets,
    artifactFolder: join(dataFolder, 'artifacts'),
    findRegistration: id => registrations.find(id),
    findManifest: catalog.findActive,
    requireFit: (id, manifest) => registrations.requireFit(id, manifest),
    callPlugin: (plugin, method, params, options) => {
      const supervisor = fleet.find(plugin)
      if (!supervisor) throw new HostError('PLUGIN_NOT_RUNNING', {id: plugin, state: 'not started', sent: false})
      return supervisor.call(method, params, options)
    },
    callSealed: createSealedCalls({
      open: createDryRuns({catalog, sideProcesses, configurations: state}),
      onError: error => log.error(error, 'A dry run went wrong'),
    }),
    mainServer,
    redactorFor: id => registrations.redactorFor(id),
    config: config.execution,
    onFinished: ({plugin, action, status, durationMs}) => metrics.countExecution(plugin, action, status, durationMs),
    onError: error => log.error(error, 'An execution went wrong'),
  })
  await executor.sweep()
  releasers.push(startRetention({clock, prune: executor.prune, onError: error => log.error(error, 'Cannot prune')}))
  const requests = routePluginRequests({
    catalog,
    executor,
    hostApi,
    redactorOf: plugin => registrations.redactorOfPlugin(plugin),
  })
  const mappings = createMappings({clock, store, registrations, findManifest: catalog.findManifest, mainServer})
  const inTurn = createTurns(dataFolder)
  const brokenParts = {
    store,
    findRegistration: (id: string) => registrations.find(id),
    findManifest: catalog.findActive,
    // One that does not answer now must not hold an upgrade up.
    listFields: (module: Module) => mainServer.listFields(module).catch(() => []),
  }
  const upgrades = openUpgrades({
    ...{clock, config, log, state, sideProcesses, executor, mappings, inTurn},
    listBrokenRules: (plugin, manifest) => listBroken(plugin, manifest, brokenParts),
  })
  const pluginParts = {config, clock, catalog, fleet, registrations, logs, upgrades, kv: store.kv, inspect}
  const plugins = createPluginVerbs(pluginParts)
  const starting = await startPlugins({catalog, fleet, log, dataFolder, inspect})

  const workflowParts = {
    clock,
    store,
    queue: executor.queue,
    findExecution: executor.find,
    findRegistration: (id: string) => registrations.find(id),
    findManifest: catalog.findActive,
    onError: (error: unknown) => log.error(error, 'The workflow went wrong'),
  }
  const workflow = createRuleVerbs({...workflowParts, mappings, mainServer, config: config.workflow})
  const schedules = createScheduleVerbs(workflowParts)
  executor.queue.start()
  workflow.start()
  schedules.start()

  let stopping: Promise<void> | undefined
  async function stop(): Promise<void> {
    log.info({}, 'Stopping')
    await Promise.all([workflow.stop(), schedules.stop()])
    executor.queue.stop()
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
    ...createRegistrationVerbs({clock, registrations, catalog, fleet, inTurn}),
    ...createRecordVerbs({
      mainServer,
      desk: mainServer === desk ? desk : undefined,
      store,
      announce: workflow.events,
      onError: error => log.error(error, 'An event of the desk could not be processed'),
    }),
    ...createAccessVerbs({dataFolder, clock, log, store, secrets, tokens}),
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
    ...createExecutionVerbs({
      executor: {execute: request => host.execute(request), get: executor.get},
      submit: requests => executor.queue.submit(requests),
      mainServer,
      mappings,
    }),
    ...mappings.verbs,
    ...workflow.verbs,
    ...schedules.verbs,
    submit: async request => (await executor.queue.submit([request]))[0] ?? unavailable(),
    retryExecutions: createRetry({
      get: id => executor.get(id),
      list: filter => executor.list(filter),
      replay: (id, options) => host.replayExecution(id, options),
    }),
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
