import {systemClock} from '../../host/clock.ts'
import {type ConfigInput, loadConfig} from '../../host/config.ts'
import {Supervisor} from '../../host/supervision/supervisor.ts'
import type {SupervisionEvent} from '../../host/supervision/types.ts'
import {type ConfigureParams, type Json, METHODS} from '../../runtime/protocol.ts'
import {executeParams, type Launcher, type SpecChange, withLauncher} from './fixture-process.ts'

export interface Supervised extends Launcher {
  events: SupervisionEvent[]
  supervisor: Supervisor
  execute(action: string, input?: Json, options?: {deadlineMs?: number; signal?: AbortSignal}): Promise<Json>
}

/** One supervised fixture, with the policies made fast. Everything is stopped afterwards. */
export function withSupervisor<T>(
  fixture: string,
  {
    settings = {},
    change = {},
    registrations = [],
  }: {settings?: ConfigInput; change?: SpecChange; registrations?: ConfigureParams[]},
  run: (supervised: Supervised) => Promise<T>,
): Promise<T> {
  const fast = {
    process: {
      drainMs: 500,
      terminateMs: 500,
      cancelGraceMs: 300,
      pingIntervalMs: 200,
      memoryCheckMs: 100,
      ...settings.process,
    },
    restart: {baseMs: 20, capMs: 200, probeMs: [300, 600], ...settings.restart},
    swap: {...settings.swap},
  }
  return withLauncher(fast.process, async launcher => {
    const events: SupervisionEvent[] = []
    const supervisor = new Supervisor(
      {
        id: fixture,
        clock: systemClock,
        config: loadConfig(fast),
        startProcess: launcher.start,
        hooks: () => ({onLog: line => void launcher.logs.push(line), onRequest: async () => null}),
        listConfigurations: () => registrations,
        onEvent: event => void events.push(event),
        takeRestart: () => 0,
        random: () => 0.5,
      },
      await launcher.spec(fixture, change),
    )
    const execute: Supervised['execute'] = async (action, input = null, {deadlineMs = 10_000, signal} = {}) => {
      const params = executeParams(action, input)
      const options = {deadline: Date.now() + deadlineMs, execution: params.execution, action, ...(signal && {signal})}
      const {result} = await supervisor.call(METHODS.execute, params, options)
      return (result as {output: Json}).output
    }
    try {
      return await run({...launcher, events, supervisor, execute})
    } finally {
      await supervisor.stop()
    }
  })
}

/** Names of the states a plugin went through. */
export function statesOf(events: SupervisionEvent[]): string[] {
  return events.flatMap(event => (event.type === 'state' ? [event.state.name] : []))
}
