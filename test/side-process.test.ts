import {existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {suite} from 'uvu'
import {equal, is, match, ok} from 'uvu/assert'
import {CallController} from '../host/call-signal.ts'
import {systemClock} from '../host/clock.ts'
import {loadConfig} from '../host/config.ts'
import {HostError, isHostError} from '../host/errors.ts'
import type {Manifest} from '../host/manifest.ts'
import type {LogEntry} from '../host/plugin-logs.ts'
import {createSideProcesses, type SideProcesses} from '../host/side-process.ts'
import {type HostApiMethod, METHODS} from '../runtime/protocol.ts'
import {deadline, eventually} from './support/deadline.ts'
import {echoManifest} from './support/echo-manifest.ts'
import {executeParams, type Launcher, withLauncher} from './support/fixture-process.ts'
import {isAlive} from './support/is-alive.ts'

const test = suite('side processes')
const OPEN = {sealed: false, configurations: []}

interface Sides {
  sides: SideProcesses
  logs: LogEntry[]
  /** Pids of all that were started. */
  pids: number[]
  /** Names of temporary folders that are there now. */
  folders(): string[]
}

function withSides(fixture: string, manifest: Partial<Manifest>, run: (sides: Sides) => Promise<void>): Promise<void> {
  return deadline(60_000, () =>
    withLauncher({}, async ({start, spec, folder}: Launcher) => {
      const {bundleFolder} = await spec(fixture)
      const dataFolder = join(folder, 'data')
      const logs: LogEntry[] = []
      const pids: number[] = []
      const row = {plugin: 'p', version: '2.0.0', digest: '', folder: bundleFolder, installedAt: 0}
      const whole = {...echoManifest, entry: 'main.cjs', actions: {}, ...manifest}
      const sides = createSideProcesses({
        clock: systemClock,
        config: loadConfig({dataFolder, process: {cancelGraceMs: 300, drainMs: 500, terminateMs: 500}}),
        catalog: {getVersion: () => ({...row, manifest: whole})},
        async startProcess(...args) {
          const child = await start(...args)
          pids.push(child.pid)
          return child
        },
        hostApi: {
          async handle({permissions}, method) {
            if (permissions.hostApi.includes(method as HostApiMethod)) return {value: null, items: [], total: 0}
            throw new HostError('HOST_API_DENIED', {method, id: 'p'})
          },
        },
        logs: {write: entry => void logs.push(entry)},
        watchWire: () => ({}),
      })
      const staging = join(dataFolder, 'staging')
      const folders = (): string[] => (existsSync(staging) ? readdirSync(staging) : [])
      try {
        await run({sides, logs, pids, folders})
      } finally {
        await sides.close()
      }
      equal(folders(), [], 'no folder is left')
      await eventually(5000, () => pids.every(pid => !isAlive(pid)), 'the end of every process')
    }),
  )
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  return isHostError(error) ? error.code : `${error}`
}

const soon = (ms: number): {deadline: number} => ({deadline: Date.now() + ms})

test('a version is started, configured and called, and nothing of it is left', () =>
  withSides('tells', {}, async ({sides, logs, pids, folders}) => {
    const configurations = [{registration: 'r', name: 'R', config: {a: 1}}]
    const side = await sides.open('p', '2.0.0', {sealed: false, configurations, purpose: 'rehearsal'})
    const {result, version} = await side.call(METHODS.execute, executeParams('config'), soon(10_000))
    equal([version, (result as {output: {all: unknown}}).output.all], ['2.0.0', {r: {a: 1}}])
    is(side.capabilities.migrate, true)
    is(folders().length, 1, 'a data folder of its own')
    const stopping = side.stop()
    is(side.stop(), stopping)
    await stopping
    equal([folders(), isAlive(pids[0] ?? 0)], [[], false])
    ok(logs.length > 0 && logs.every(({version, fields}) => version === '2.0.0' && fields?.beside === 'rehearsal'))
  }))

test('a call that is late, cancelled or never answered is given up, and what runs on is ended', () =>
  withSides('hangs', {}, async ({sides, pids}) => {
    const side = await sides.open('p', '2.0.0', OPEN)
    is(await codeOf(side.call(METHODS.execute, executeParams('run'), soon(200))), 'EXECUTION_TIMED_OUT')
    const controller = new CallController()
    const other = await sides.open('p', '2.0.0', OPEN)
    const call = other.call(METHODS.execute, executeParams('run'), {...soon(20_000), signal: controller.signal})
    controller.abort(new HostError('EXECUTION_CANCELLED', {action: 'run'}))
    is(await codeOf(call), 'EXECUTION_CANCELLED')
    await Promise.all([side.stop(), other.stop()])
    equal(pids.filter(isAlive), [])
  }))

test('one that dies fails its call and every later one, and can still be stopped', () =>
  withSides('exits', {}, async ({sides}) => {
    const side = await sides.open('p', '2.0.0', OPEN)
    for (let call = 0; call < 2; call++) {
      is(await codeOf(side.call(METHODS.execute, executeParams('run'), soon(10_000))), 'PLUGIN_CRASHED')
    }
    await side.stop()
  }))

test('one that cannot be started leaves nothing', () =>
  withSides('crashes-at-start', {}, async ({sides, folders}) => {
    is(await codeOf(sides.open('p', '2.0.0', OPEN)), 'PLUGIN_START_FAILED')
    equal(folders(), [])
  }))

test('what is not Node’s own code cannot be sealed, and is not started', () =>
  withSides('tells', {process: {command: ['node']}}, async ({sides, pids}) => {
    is(await codeOf(sides.open('p', '2.0.0', {...OPEN, sealed: true})), 'DRY_RUN_UNSUPPORTED')
    equal(pids, [])
  }))

test('its permissions end where the given ones do; records and files go nowhere', () =>
  withSides('calls-host', {permissions: {hostApi: ['requests.search', 'kv.set', 'kv.get']}}, async ({sides}) => {
    const most = {net: [], exec: false, workers: false, addons: false, effects: []}
    const run = async (action: string, permissions: object, input: object = {}): Promise<unknown> => {
      const side = await sides.open('p', '2.0.0', {...OPEN, permissions: {...most, hostApi: [], ...permissions}})
      try {
        const {result} = await side.call(METHODS.execute, executeParams(action, {...input}), soon(10_000))
        return (result as {output: unknown}).output
      } catch (error) {
        return (error as Error).message
      } finally {
        await side.stop()
      }
    }
    equal(await run('search', {hostApi: ['requests.search']}), {value: null, items: [], total: 0})
    match(String(await run('search', {})), /no permission/)
    is(await run('records', {}, {count: 3}), 'sent')
    is(await run('artifact', {}, {lines: 3}), 'written')
    const sealed = await sides.open('p', '2.0.0', {...OPEN, sealed: true})
    const call = sealed.call(METHODS.execute, executeParams('kv', 'x'), soon(10_000))
    match(await call.then(String, (error: Error) => error.message), /Cannot call kv.set: this is a dry run, and sealed/)
  }))

test('closing ends those that are open and those that are being opened; none is opened afterwards', () =>
  withSides('hangs', {}, async ({sides, pids}) => {
    const side = await sides.open('p', '2.0.0', OPEN)
    const call = codeOf(side.call(METHODS.execute, executeParams('run'), soon(20_000)))
    const opening = codeOf(sides.open('p', '2.0.0', OPEN))
    await sides.close()
    is(await call, 'PLUGIN_CRASHED')
    is(await opening, 'HOST_STOPPING')
    is(await codeOf(sides.open('p', '2.0.0', OPEN)), 'HOST_STOPPING')
    equal(pids.filter(isAlive), [])
  }))

test.run()
