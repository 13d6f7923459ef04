import {join} from 'node:path'
import {
  buildBundle,
  type ConfigInput,
  createHost,
  createLog,
  type Host,
  loadConfig,
  type OpenedHost,
} from '../../host/index.ts'
import type {ExecuteRequest, LogLine, Outcome, TestReport} from '../../host/types.ts'
import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {withTempFolder} from './temp.ts'

export interface InstalledPlugin {
  id: string
  host: Host
  desk: OpenedHost['desk']
  /** Runs an action through the product: validated, in the plugin's own process, recorded. */
  execute(action: string, input: Json, options?: Partial<ExecuteRequest>): Promise<Outcome>
  /** The connection test, of the stored or of another configuration. */
  test(config?: JsonObject): Promise<TestReport>
  /** What it printed and logged so far. */
  logs(): LogLine[]
}

/** A host in a private folder, stopped afterwards. */
export function withHost<T>(
  settings: ConfigInput,
  run: (opened: OpenedHost & {folder: string}) => Promise<T>,
): Promise<T> {
  return withTempFolder(async folder => {
    const process = {drainMs: 1000, terminateMs: 500, ...settings.process}
    const config = loadConfig({...settings, process, dataFolder: join(folder, 'data')})
    const opened = await createHost({config, log: createLog('silent')})
    try {
      return await run({...opened, folder})
    } finally {
      await opened.host.stop()
    }
  })
}

/** Builds a plugin's folder, installs it into a host of its own and registers it with the given configuration. */
export function withPlugin<T>(
  source: string,
  {config, settings = {}}: {config?: JsonObject; settings?: ConfigInput},
  run: (plugin: InstalledPlugin) => Promise<T>,
): Promise<T> {
  return withHost(settings, async ({host, desk, folder}) => {
    const built = await buildBundle(source, {out: join(folder, 'plugin.fp')})
    const {id, registration: made} = await host.installBundle(built.path)
    const known = made ?? (await host.createRegistration({plugin: id, id, name: id, config: config ?? {}})).id
    if (made && config) await host.updateRegistration(made, {config})
    return run({
      id,
      host,
      desk,
      execute: (action, input, options) => host.execute({registration: known, action, input, ...options}),
      test: tried => host.testRegistration(known, tried ? {config: tried} : {}),
      logs: () => host.readLogs(id, {lines: 2000}),
    })
  })
}
