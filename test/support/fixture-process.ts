import {cp, mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {systemClock} from '../../host/clock.ts'
import {type ConfigInput, loadConfig} from '../../host/config.ts'
import {PROCESS_DEFAULTS, type ProcessLimits} from '../../host/manifest.ts'
import {startGuardian} from '../../host/process/guardian.ts'
import {createProcessStarter} from '../../host/process/start-process.ts'
import type {LaunchSpec, PluginProcess, ProcessHooks, ProcessLog, StartProcess} from '../../host/process/types.ts'
import type {ExecuteParams, Json, Permissions} from '../../runtime/protocol.ts'
import {withTempFolder} from './temp.ts'

export const ROOT = join(import.meta.dirname, '../..')
export const LOADER = join(ROOT, 'dist/runtime/loader.cjs')
export const NO_PERMISSIONS: Permissions = {
  net: [],
  exec: false,
  workers: false,
  addons: false,
  hostApi: [],
  effects: [],
}

export interface Launcher {
  folder: string
  start: StartProcess
  logs: ProcessLog[]
  spec(fixture: string, change?: SpecChange): Promise<LaunchSpec>
  /** Starts a fixture with hooks that gather its log. */
  launch(fixture: string, change?: SpecChange, hooks?: Partial<ProcessHooks>): Promise<PluginProcess>
}
export type SpecChange = Partial<Omit<LaunchSpec, 'limits' | 'permissions'>> & {
  limits?: Partial<ProcessLimits>
  permissions?: Partial<Permissions>
}

/** Everything it takes to start fixture plugins as real processes; all of them are ended afterwards. */
export function withLauncher<T>(settings: ConfigInput['process'], run: (launcher: Launcher) => Promise<T>): Promise<T> {
  return withTempFolder(async folder => {
    const hostMark = `test-${process.pid}-${Math.random().toString(36).slice(2)}`
    const guardian = startGuardian(hostMark)
    const config = loadConfig({process: {drainMs: 500, terminateMs: 500, ...settings}}).process
    const started: PluginProcess[] = []
    const logs: ProcessLog[] = []
    const starter = createProcessStarter({
      loader: LOADER,
      runFolder: join(folder, 'run'),
      hostMark,
      guardian,
      config,
      clock: systemClock,
    })
    const start: StartProcess = async (...args) => {
      const child = await starter(...args)
      started.push(child)
      return child
    }
    const spec = (fixture: string, change: SpecChange = {}): Promise<LaunchSpec> => makeSpec(folder, fixture, change)
    try {
      return await run({
        folder,
        start,
        logs,
        spec,
        launch: async (fixture, change, hooks) =>
          start(await spec(fixture, change), {onLog: line => logs.push(line), onRequest: async () => null, ...hooks}),
      })
    } finally {
      for (const child of started) child.end('stopped', 'the test is over')
      await Promise.all(started.map(child => child.gone))
      await guardian.close()
    }
  })
}

async function makeSpec(
  folder: string,
  fixture: string,
  {limits, permissions, ...change}: SpecChange,
): Promise<LaunchSpec> {
  const bundleFolder = join(folder, 'bundle', fixture)
  await mkdir(bundleFolder, {recursive: true})
  await cp(join(ROOT, 'test/fixtures/plugins', `${fixture}.cjs`), join(bundleFolder, 'main.cjs'))
  return {
    id: fixture,
    version: '1.0.0',
    bundleFolder,
    dataFolder: join(folder, 'data', fixture),
    program: {entry: 'main.cjs'},
    actions: [],
    limits: {...PROCESS_DEFAULTS, ...limits},
    permissions: {...NO_PERMISSIONS, ...permissions},
    ...change,
  }
}

let executions = 0
/** Parameters of `execute`, filled in. */
export function executeParams(action: string, input: Json = null, change: Partial<ExecuteParams> = {}): ExecuteParams {
  return {
    execution: `e${++executions}`,
    registration: 'r',
    action,
    input,
    mode: 'live',
    deadline: Date.now() + 10_000,
    attempt: 1,
    ...change,
  }
}
