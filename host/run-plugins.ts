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
import type {TraceDirection} from './process/types.ts'
import {redactMessage} from './redact-message.ts'
import type {Releasers} from './releasers.ts'
import {createFleet, type Fleet} from './supervision/fleet.ts'
import type {SupervisionEvent} from './supervision/types.ts'

export interface RunPluginsParts {
  config: Config
  state: State
  log: Log
  clock: Clock
  releasers: Releasers
  metrics: Metrics
  /** Answers what a plugin asks of the host. */
  answer(plugin: string, method: string, params: unknown): Promise<unknown>
  onTrace?: ((plugin: string, direction: TraceDirection, message: unknown) => void) | undefined
}

/** The fleet, wired to the state: what plugins are configured with, where their lines go, what their ends come to. */
export function createPluginFleet({
  config,
  state,
  log,
  clock,
  releasers,
  metrics,
  answer,
  onTrace,
}: RunPluginsParts): Fleet {
  const {catalog, registrations, logs, runFolder} = state
  const hostMark = randomBytes(8).toString('hex')
  const guardian = startGuardian(hostMark)
  releasers.push(() => guardian.close())

  function listConfigurations(plugin: string, version: string): ConfigureParams[] {
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

  function onEvent(plugin: string, event: SupervisionEvent): void {
    if (event.type === 'ready') metrics.countReady(plugin, event.readyMs)
    if (event.type === 'exit' && !event.expected) {
      metrics.countRestart(plugin, event.exit.reason)
      log.warn({plugin, exit: event.exit.message}, 'A plugin process ended')
    }
    if (event.type === 'swap') {
      metrics.countSwap(plugin, event.result)
      log[event.result === 'done' ? 'info' : 'warn']({plugin, ...event}, 'Hot swap')
      if (event.result === 'rolledBack') catalog.setActive(plugin, event.to)
    }
  }

  return createFleet({
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
        onRequest: (method, params) => answer(id, method, params),
        redactor: registrations.redactorOfPlugin(id),
        ...(onTrace && {
          onTrace: (direction, message) =>
            onTrace(
              id,
              direction,
              redactMessage(message, catalog.findManifest(id), registrations.redactorOfPlugin(id)),
            ),
        }),
      }),
      listConfigurations: version => listConfigurations(id, version),
      onEvent: event => onEvent(id, event),
    }),
  })
}
