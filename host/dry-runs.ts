import {HostError, isHostError} from './errors.ts'
import type {SealedProcess} from './execution/seal-call.ts'
import type {Catalog} from './registry/catalog.ts'
import {listConfigurations} from './run-plugins.ts'
import type {SideProcesses} from './side-process.ts'
import {createCallQueue} from './supervision/call-queue.ts'

/** Each is a process of its own: so many at once, and so many that wait. */
const LIMITS = {concurrency: 4, queue: 64}

export interface DryRunParts {
  catalog: Pick<Catalog, 'findActive'>
  sideProcesses: Pick<SideProcesses, 'open'>
  configurations: Parameters<typeof listConfigurations>[0]
}

/** Opens sealed processes of active versions, each configured with one registration. Throws PLUGIN_BUSY when too many wait. */
export function createDryRuns({catalog, sideProcesses, configurations}: DryRunParts) {
  const queue = createCallQueue('', () => LIMITS)

  return async (plugin: string, registration: string, signal: AbortSignal): Promise<SealedProcess> => {
    await enter(plugin, signal)
    try {
      const version = catalog.findActive(plugin)?.version
      if (version === undefined) throw new HostError('PLUGIN_NOT_RUNNING', {id: plugin, state: 'staged', sent: false})
      const mine = listConfigurations(configurations, plugin, version).filter(
        each => each.registration === registration,
      )
      const side = await sideProcesses.open(plugin, version, {sealed: true, configurations: mine, signal})
      let left = false
      return {
        call: (method, params, options) => side.call(method, params, options),
        async stop() {
          try {
            await side.stop()
          } finally {
            if (!left) queue.leave()
            left = true
          }
        },
      }
    } catch (error) {
      queue.leave()
      throw error
    }
  }

  async function enter(plugin: string, signal: AbortSignal): Promise<void> {
    try {
      await queue.enter(signal)
    } catch (error) {
      throw isHostError(error, 'PLUGIN_BUSY') ? new HostError('PLUGIN_BUSY', {...error.details, id: plugin}) : error
    }
  }
}
