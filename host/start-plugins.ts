import {describeLaunch} from './launch-spec.ts'
import type {Log} from './log.ts'
import type {LaunchSpec} from './process/types.ts'
import type {Catalog} from './registry/catalog.ts'
import type {Fleet} from './supervision/fleet.ts'

export interface StartPluginsParts {
  catalog: Catalog
  fleet: Fleet
  log: Log
  dataFolder: string
  inspect?: LaunchSpec['inspect'] | undefined
}

/**
 * Starts the enabled, eager ones. Returns those whose first start is under way: it either succeeds or is left to the restart policy,
 * and readiness waits for no more than that.
 */
export async function startPlugins({
  catalog,
  fleet,
  log,
  dataFolder,
  inspect,
}: StartPluginsParts): Promise<ReadonlySet<string>> {
  const starting = new Set<string>()
  for (const {id, enabled} of catalog.list()) {
    const version = catalog.findActive(id)
    if (!version) continue
    const spec = describeLaunch(version, dataFolder, inspect)
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
  return starting
}
