import {randomBytes} from 'node:crypto'
import type {ConfigureParams} from '../runtime/protocol.ts'
import type {Clock} from './clock.ts'
import type {Config} from './config.ts'
import {findLoader} from './launch-spec.ts'
import type {Log} from './log.ts'
import type {Metrics} from './metrics.ts'
import type {State} from './open-state.ts'
import {startGuardian} from './process/guardian.ts'
import {createProcessStarter} from './process/start-process.ts'
import type {ProcessHooks, StartProcess, TraceDirection} from './process/types.ts'
import {redactMessage} from './redact-message.ts'
import type {Releasers} from './releasers.ts'
import {createFleet, type Fleet} from './supervision/fleet.ts'
import type {SupervisionEvent} from './supervision/types.ts'
import {makeActive} from './upgrade/make-active.ts'

export interface RunPluginsParts {
  config: Config
  state: State
  log: Log
  clock: Clock
  metrics: Metrics
  startProcess: StartProcess
  /** Answers what a plugin asks of the host. */
  answer(plugin: string, method: string, params: unknown): Promise<unknown>
  onTrace?: ((plugin: string, direction: TraceDirection, message: unknown) => void) | undefined
}

/** What starts every plugin process of this server, and ends them with it. */
export function createStarter({
  config,
  state,
  clock,
  releasers,
}: Pick<RunPluginsParts, 'config' | 'state' | 'clock'> & {releasers: Releasers}): StartProcess {
  const hostMark = randomBytes(8).toString('hex')
  const guardian = startGuardian(hostMark)
  releasers.push(() => guardian.close())
  const {runFolder} = state
  return createProcessStarter({loader: findLoader(), runFolder, hostMark, guardian, config: config.process, clock})
}

/** What the plugin's registrations that are on configure a process of this version with. */
export function listConfigurations(
  {catalog, registrations, logs}: Pick<State, 'catalog' | 'registrations' | 'logs'>,
  plugin: string,
  version: string,
): ConfigureParams[] {
  // Of the version that starts, which in a swap is not the active one yet.
  const {manifest} = catalog.getVersion(plugin, version)
  return registrations.list({plugin}).flatMap(({id, name, enabled}) => {
    if (!enabled) return []
    try {
      return [{registration: id, name, config: registrations.openConfig(id, manifest)}]
    } catch (error) {
      // A version may ask for more than the one it was configured for: this registration waits, the others serve.
      const message = `Cannot configure registration "${id}": ${(error as Error).message}`
      logs.write({plugin, version, source: 'host', level: 'error', message})
      return []
    }
  })
}

/** What takes a plugin's secrets out of what it says, and out of the trace where there is one. */
export function watchWire(
  {catalog, registrations}: Pick<State, 'catalog' | 'registrations'>,
  plugin: string,
  onTrace: RunPluginsParts['onTrace'],
): Pick<ProcessHooks, 'redactor' | 'onTrace'> {
  const redactor = registrations.redactorOfPlugin(plugin)
  if (!onTrace) return {redactor}
  return {
    redactor,
    onTrace: (direction, message) =>
      onTrace(plugin, direction, redactMessage(message, catalog.findManifest(plugin), redactor)),
  }
}

/** The fleet, wired to the state: what plugins are configured with, where their lines go, what their ends come to. */
export function createPluginFleet({
  config,
  state,
  log,
  clock,
  metrics,
  startProcess,
  answer,
  onTrace,
}: RunPluginsParts): Fleet {
  const {logs} = state

  function onEvent(plugin: string, event: SupervisionEvent): void {
    if (event.type === 'ready') metrics.countReady(plugin, event.readyMs)
    if (event.type === 'exit' && !event.expected) {
      metrics.countRestart(plugin, event.exit.reason)
      log.warn({plugin, exit: event.exit.message}, 'A plugin process ended')
    }
    if (event.type === 'swap') {
      metrics.countSwap(plugin, event.result)
      log[event.result === 'done' ? 'info' : 'warn']({plugin, ...event}, 'Hot swap')
      if (event.result === 'rolledBack') makeActive(state, plugin, event.to)
    }
  }

  return createFleet({
    clock,
    config,
    random: Math.random,
    startProcess,
    forPlugin: id => ({
      hooks: version => ({
        onLog: line => logs.write({plugin: id, version, ...line}),
        onRequest: (method, params) => answer(id, method, params),
        ...watchWire(state, id, onTrace),
      }),
      listConfigurations: version => listConfigurations(state, id, version),
      onEvent: event => onEvent(id, event),
    }),
  })
}
