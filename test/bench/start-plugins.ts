import {randomBytes} from 'node:crypto'
import {join} from 'node:path'
import {systemClock} from '../../host/clock.ts'
import {loadConfig} from '../../host/config.ts'
import {findLoader} from '../../host/launch-spec.ts'
import {startGuardian} from '../../host/process/guardian.ts'
import {createProcessStarter} from '../../host/process/start-process.ts'
import type {LaunchSpec, PluginProcess, ProcessHooks} from '../../host/process/types.ts'

/** Starts plugin processes as the server does, with nothing left out. */
export interface PluginStarter {
  start(spec: LaunchSpec): Promise<PluginProcess>
  close(): Promise<void>
}

export const HOOKS: ProcessHooks = {onLog() {}, onRequest: async () => null}

export function createPluginStarter(folder: string): PluginStarter {
  const hostMark = randomBytes(8).toString('hex')
  const guardian = startGuardian(hostMark)
  const start = createProcessStarter({
    loader: findLoader(),
    runFolder: join(folder, 'run'),
    hostMark,
    guardian,
    config: loadConfig({}).process,
    clock: systemClock,
  })
  return {start: spec => start(spec, HOOKS), close: () => guardian.close()}
}
