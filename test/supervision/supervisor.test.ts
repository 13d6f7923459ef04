import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {type HostError, isHostError} from '../../host/errors.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {isAlive} from '../support/is-alive.ts'
import {statesOf, withSupervisor} from '../support/supervise.ts'

const test = suite('supervisor')
const code = (error: unknown): string => (isHostError(error) ? error.code : String(error))

test('starts at the first call and answers it', () =>
  deadline(
    20_000,
    withSupervisor('echo', {}, async ({execute, supervisor, events}) => {
      assert.is(supervisor.state.name, 'stopped')
      const answers = await Promise.all([execute('echo', 1), execute('echo', 2)])
      assert.equal(answers, [1, 2])
      assert.equal(statesOf(events), ['starting', 'running'])
    }),
  ))

test('restarts after a crash, and a call meanwhile is told when', () =>
  deadline(
    20_000,
    withSupervisor('exits', {settings: {restart: {baseMs: 300}}}, async ({execute, supervisor, events}) => {
      assert.is(code(await execute('run').catch(error => error)), 'PLUGIN_CRASHED')
      await eventually(2000, () => supervisor.state.name === 'waiting')
      const refused = (await execute('run').catch(error => error)) as HostError
      assert.is(refused.code, 'PLUGIN_NOT_RUNNING')
      assert.ok((refused.details.retryAfterMs as number) <= 300)
      await eventually(5000, () => supervisor.state.name === 'running')
      assert.is(supervisor.restarts, 1)
      assert.equal(statesOf(events), ['starting', 'running', 'waiting', 'starting', 'running'])
    }),
  ))

test('a plugin that fails its first start is handled like one that crashes: parked, then probed', () =>
  deadline(
    20_000,
    withSupervisor('crashes-at-start', {}, async ({supervisor, execute, events}) => {
      assert.is(code(await supervisor.start().catch(error => error)), 'PLUGIN_START_FAILED')
      await eventually(10_000, () => supervisor.state.name === 'parked')
      const state = supervisor.state
      assert.match(state.name === 'parked' ? state.lastExit.message : state.name, /no configuration file/)
      assert.is(code(await execute('echo').catch(error => error)), 'PLUGIN_PARKED')
      assert.is(statesOf(events).filter(name => name === 'starting').length, 5)
      await eventually(5000, () => statesOf(events).filter(name => name === 'starting').length === 6, 'a probe')
    }),
  ))

test('one that goes silent is ended after missed pings; one that only is busy answering is not', () =>
  deadline(
    30_000,
    withSupervisor(
      'stops-itself',
      {settings: {process: {pingIntervalMs: 100}}},
      async ({execute, supervisor, events}) => {
        const lost = execute('run').catch(error => error as unknown)
        assert.is(code(await lost), 'PLUGIN_CRASHED')
        await eventually(1000, () =>
          events.some(event => event.type === 'exit' && event.exit.reason === 'unresponsive'),
        )
        await eventually(5000, () => supervisor.state.name === 'running')
        assert.is(await execute('echo', 'back'), 'back')
        const {pid} = supervisor.process ?? {pid: 0}
        await eventually(3000, () => (supervisor.process?.lastHeardAt ?? 0) > Date.now() - 50, 'a pong')
        assert.is(supervisor.process?.pid, pid)
      },
    ),
  ))

test('a deadline ends the call and leaves the process, if it gives up in time', () =>
  deadline(
    20_000,
    withSupervisor('gives-up', {}, async ({execute, supervisor}) => {
      // Else the deadline counts for the start as well.
      await supervisor.start()
      const error = await execute('run', null, {deadlineMs: 200}).catch(reason => reason as unknown)
      assert.is(code(error), 'EXECUTION_TIMED_OUT')
      assert.is(supervisor.state.name, 'running')
    }),
  ))

test('progress moves the deadline, up to the cap', () =>
  deadline(
    20_000,
    withSupervisor('slow', {settings: {process: {progressCapMs: 1500}}}, async ({execute}) => {
      assert.is(await execute('progress', {steps: 8, ms: 100}, {deadlineMs: 400}), 'finished')
      const error = await execute('progress', {steps: 100, ms: 100}, {deadlineMs: 400}).catch(
        reason => reason as unknown,
      )
      assert.is(code(error), 'EXECUTION_TIMED_OUT')
    }),
  ))

test('more calls than its concurrency wait, more than its queue are refused, one that is given up leaves the queue', () =>
  deadline(
    20_000,
    withSupervisor('slow', {change: {limits: {concurrency: 2, queue: 2}}}, async ({execute, supervisor}) => {
      await supervisor.start()
      const controller = new AbortController()
      const running = [execute('echo', {ms: 300}), execute('echo', {ms: 300})]
      const waiting = [execute('echo', {ms: 0}), execute('echo', {ms: 0}, {signal: controller.signal})]
      await eventually(2000, () => supervisor.queued === 2)
      assert.is(code(await execute('echo').catch(error => error)), 'PLUGIN_BUSY')
      controller.abort(new Error('gone'))
      assert.match(String(await waiting[1]?.catch(error => error)), /gone/)
      assert.is(supervisor.queued, 1)
      await Promise.all([...running, waiting[0]])
      assert.is(supervisor.queued, 0)
    }),
  ))

test('a lazy one stops when idle and starts again when called', () =>
  deadline(
    20_000,
    withSupervisor('echo', {change: {limits: {start: 'lazy', idleStopMs: 150}}}, async ({execute, supervisor}) => {
      await execute('echo', 1)
      const first = supervisor.process?.pid ?? 0
      await eventually(5000, () => supervisor.state.name === 'stopped' && !isAlive(first))
      assert.is(await execute('echo', 2), 2)
      assert.is.not(supervisor.process?.pid, first)
    }),
  ))

test('disabled it refuses calls and has no process; enabled it serves again', () =>
  deadline(
    20_000,
    withSupervisor('echo', {}, async ({execute, supervisor}) => {
      await execute('echo', 1)
      const pid = supervisor.process?.pid ?? 0
      await supervisor.disable()
      assert.not(isAlive(pid))
      assert.is(code(await execute('echo').catch(error => error)), 'PLUGIN_DISABLED')
      supervisor.enable()
      assert.is(await execute('echo', 2), 2)
    }),
  ))

test('hands each registration its configuration at every start, and a change without a restart', () => {
  const registrations = [{registration: 'r', name: 'R', config: {user: 'ann'}}]
  return deadline(
    20_000,
    withSupervisor('tells', {registrations}, async ({execute, supervisor}) => {
      assert.equal(await execute('config'), {mine: {user: 'ann'}, all: {r: {user: 'ann'}}})
      const {pid} = supervisor.process ?? {}
      await supervisor.configure({registration: 'r', name: 'R', config: {user: 'bob'}})
      assert.equal(await execute('config'), {mine: {user: 'bob'}, all: {r: {user: 'bob'}}})
      assert.is(supervisor.process?.pid, pid)
    }),
  )
})

test('under a debugger nothing times out, and a crash is not followed by a restart', () =>
  deadline(
    30_000,
    withSupervisor('hangs', {change: {inspect: 'inspect'}}, async ({execute, supervisor, events, logs}) => {
      const call = execute('run', null, {deadlineMs: 50}).catch(error => error as unknown)
      assert.is(await execute('echo', 'alive'), 'alive')
      assert.ok(logs.some(line => /Debugger listening on ws:/.test(line.message)))
      supervisor.process?.end('crashed', 'for the test')
      assert.is(code(await call), 'PLUGIN_CRASHED')
      await eventually(2000, () => supervisor.state.name === 'stopped')
      assert.equal(statesOf(events), ['starting', 'running', 'stopped'])
    }),
  ))

test('stop lets a running call finish', () =>
  deadline(
    20_000,
    withSupervisor('slow', {}, async ({execute, supervisor}) => {
      await supervisor.start()
      const call = execute('echo', {ms: 300})
      await eventually(1000, () => supervisor.process?.inFlight === 1)
      await supervisor.stop()
      assert.is(((await call) as {ms: number}).ms, 300)
      assert.is(supervisor.state.name, 'stopped')
    }),
  ))

test.run()
