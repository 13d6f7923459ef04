import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {isHostError} from '../../host/errors.ts'
import {deadline, eventually} from '../support/deadline.ts'
import type {SpecChange} from '../support/fixture-process.ts'
import {isAlive} from '../support/is-alive.ts'
import {type Supervised, withSupervisor} from '../support/supervise.ts'

const test = suite('hot swap')

/** Calls from four sides until told to stop; returns what failed and how many were made. */
function load({execute}: Supervised): {stop(): Promise<{calls: number; failures: unknown[]}>} {
  const failures: unknown[] = []
  let calls = 0
  let stopped = false
  const work = async (): Promise<void> => {
    while (!stopped) {
      calls++
      await execute('echo', {ms: 2}).catch(error => failures.push(error))
    }
  }
  const workers = Promise.all(Array.from({length: 4}, work))
  return {
    async stop() {
      stopped = true
      await workers
      return {calls, failures}
    },
  }
}

test('ten swaps under load fail no call, and each old process is gone', () =>
  deadline(
    60_000,
    withSupervisor('slow', {}, async supervised => {
      const {supervisor, spec} = supervised
      await supervisor.start()
      const running = load(supervised)
      const pids: number[] = []
      for (let n = 1; n <= 10; n++) {
        pids.push(supervisor.process?.pid ?? 0)
        await supervisor.swap(await spec('slow', {version: `1.0.${n}`}))
        assert.is(supervisor.process?.version, `1.0.${n}`)
      }
      const {calls, failures} = await running.stop()
      assert.equal(failures, [])
      assert.ok(calls > 100)
      await eventually(5000, () => pids.every(pid => !isAlive(pid)))
    }),
  ))

test('a call that is running on the old version finishes there', () =>
  deadline(
    20_000,
    withSupervisor('slow', {}, async ({supervisor, spec, execute}) => {
      await supervisor.start()
      const old = supervisor.process?.pid
      const call = execute('echo', {ms: 800}) as Promise<{pid: number}>
      await eventually(1000, () => supervisor.process?.inFlight === 1)
      await supervisor.swap(await spec('slow', {version: '2.0.0'}))
      const fresh = (await execute('echo', {ms: 0})) as {pid: number}
      assert.is.not(fresh.pid, old)
      assert.is((await call).pid, old)
    }),
  ))

function refuses(fixture: string, change: SpecChange = {}): void {
  test(`a bad version (${fixture}) is refused and the old one serves every call`, () => {
    const registrations = [{registration: 'r', name: 'R', config: {}}]
    return deadline(
      30_000,
      withSupervisor('slow', {registrations}, async supervised => {
        const {supervisor, spec} = supervised
        await supervisor.start()
        const {pid} = supervisor.process ?? {}
        const running = load(supervised)
        const bad = await spec(fixture, {version: '2.0.0', id: 'slow', ...change})
        const error = await supervisor.swap(bad).catch(reason => reason as unknown)
        const {failures} = await running.stop()
        assert.ok(isHostError(error, 'PLUGIN_SWAP_FAILED'), String(error))
        assert.equal(failures, [])
        assert.is(supervisor.process?.pid, pid)
        assert.is(supervisor.process?.version, '1.0.0')
      }),
    )
  })
}
refuses('crashes-at-start')
refuses('hangs-at-start', {limits: {startTimeoutMs: 500}})
refuses('no-plugin')
refuses('fails-self-test', {limits: {selfTest: 'connection'}})
refuses('echo', {actions: ['not-there']})

test('a new version that crash-loops is taken back', () =>
  deadline(
    30_000,
    withSupervisor('slow', {}, async ({supervisor, spec, execute, events}) => {
      await supervisor.start()
      await supervisor.swap(await spec('exits', {version: '2.0.0', id: 'slow'}))
      for (let crash = 0; crash < 2; crash++) {
        await eventually(5000, () => supervisor.state.name === 'running')
        await execute('run').catch(() => {})
      }
      await eventually(5000, () => supervisor.process?.version === '1.0.0')
      assert.ok(events.some(event => event.type === 'swap' && event.result === 'rolledBack' && event.to === '1.0.0'))
      assert.is(((await execute('echo', {ms: 0})) as {ms: number}).ms, 0)
    }),
  ))

test('a new version that fails most of its first calls is taken back, without a gap', () =>
  deadline(
    30_000,
    withSupervisor('slow', {}, async ({supervisor, spec, execute, events}) => {
      await supervisor.start()
      await supervisor.swap(await spec('fails', {version: '2.0.0', id: 'slow'}))
      for (let call = 0; call < 20; call++) await execute('bug').catch(() => {})
      await eventually(5000, () => supervisor.process?.version === '1.0.0')
      assert.ok(events.some(event => event.type === 'swap' && event.result === 'rolledBack'))
    }),
  ))

test('failures that are not the version’s own, such as a refused login, do not take it back', () =>
  deadline(
    30_000,
    withSupervisor('slow', {}, async ({supervisor, spec, execute, events}) => {
      await supervisor.start()
      await supervisor.swap(await spec('fails', {version: '2.0.0', id: 'slow'}))
      for (let call = 0; call < 30; call++) await execute('auth').catch(() => {})
      assert.is(supervisor.process?.version, '2.0.0')
      assert.not(events.some(event => event.type === 'swap' && event.result === 'rolledBack'))
    }),
  ))

test('stop-first never has two processes, and a failed one brings the old version back', () =>
  deadline(
    30_000,
    withSupervisor('slow', {}, async ({supervisor, spec, execute}) => {
      await supervisor.start()
      const old = supervisor.process?.pid ?? 0
      await supervisor.swap(await spec('slow', {version: '2.0.0', limits: {swap: 'stop-first'}}))
      assert.not(isAlive(old))
      const error = await supervisor
        .swap(await spec('crashes-at-start', {version: '3.0.0', id: 'slow', limits: {swap: 'stop-first'}}))
        .catch(reason => reason as unknown)
      assert.ok(isHostError(error, 'PLUGIN_SWAP_FAILED'))
      assert.is(supervisor.process?.version, '2.0.0')
      assert.is(((await execute('echo', {ms: 0})) as {ms: number}).ms, 0)
    }),
  ))

test('a mended version brings a parked plugin back', () =>
  deadline(
    30_000,
    withSupervisor('crashes-at-start', {settings: {restart: {parkCrashes: 1}}}, async ({supervisor, spec, execute}) => {
      await supervisor.start().catch(() => {})
      assert.is(supervisor.state.name, 'parked')
      await supervisor.swap(await spec('echo', {version: '2.0.0', id: 'crashes-at-start'}))
      assert.is(await execute('echo', 'mended'), 'mended')
      assert.is(supervisor.state.name, 'running')
    }),
  ))

test('a version that never takes its configuration is given up after the time of a start; a first start goes on without', () => {
  const registrations = [{registration: 'one', name: 'One', config: {}}]
  const limits = {startTimeoutMs: 1000}
  return deadline(
    30_000,
    withSupervisor('hangs-at-configure', {registrations, change: {limits}}, async ({supervisor, spec, logs}) => {
      await supervisor.start()
      assert.ok(logs.some(({message}) => /Cannot configure registration "one": no answer within 1000 ms/.test(message)))
      const next = await spec('hangs-at-configure', {version: '2.0.0', limits})
      const refused: unknown = await supervisor.swap(next).catch(error => error as unknown)
      assert.ok(isHostError(refused, 'PLUGIN_SWAP_FAILED'), String(refused))
      assert.match(refused.message, /no answer within 1000 ms/)
    }),
  )
})

test.run()
