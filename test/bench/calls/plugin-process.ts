import {CallController} from '../../../host/call-signal.ts'
import {systemClock} from '../../../host/clock.ts'
import {loadConfig} from '../../../host/config.ts'
import {ACTION_TIMEOUT_MS} from '../../../host/manifest.ts'
import type {LaunchSpec} from '../../../host/process/types.ts'
import {Supervisor} from '../../../host/supervision/supervisor.ts'
import {METHODS} from '../../../runtime/protocol.ts'
import {createPluginStarter, HOOKS} from '../start-plugins.ts'
import type {Subject} from './subject.ts'

/** The product's process layer: permission flags, bounded reader, checked messages, bounded queue. */
export async function startPluginProcess(spec: LaunchSpec, folder: string): Promise<Subject> {
  const starter = createPluginStarter(folder)
  const plugin = await starter.start(spec)
  return {
    call: params => plugin.call(METHODS.execute, params),
    async stop() {
      await plugin.stop()
      await starter.close()
    },
  }
}

/** The same under supervision, as the server calls it: queue, deadline, cancellation, progress, restarts, probation. */
export async function startSupervised(spec: LaunchSpec, folder: string): Promise<Subject> {
  const starter = createPluginStarter(folder)
  const caller = new CallController()
  const supervisor = new Supervisor(
    {
      id: spec.id,
      clock: systemClock,
      config: loadConfig({}),
      startProcess: starter.start,
      hooks: () => HOOKS,
      listConfigurations: () => [],
      onEvent() {},
      takeRestart: () => 0,
      random: Math.random,
    },
    spec,
  )
  await supervisor.start()
  return {
    async call(params) {
      const {execution, action} = params
      const options = {signal: caller.signal, deadline: Date.now() + ACTION_TIMEOUT_MS, execution, action}
      return (await supervisor.call(METHODS.execute, params, options)).result
    },
    async stop() {
      await supervisor.stop()
      await starter.close()
    },
  }
}
