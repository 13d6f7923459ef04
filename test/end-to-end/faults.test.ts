import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import type {Host, Outcome} from '../../host/types.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {withHost} from '../support/plugin-harness.ts'

const test = suite('faults, seen from outside')

const SETTINGS = {process: {cancelGraceMs: 300, memoryCheckMs: 50}, restart: {baseMs: 20}}

interface Case {
  fixture: string
  action?: string
  input?: {[key: string]: string | number}
  deadlineMs?: number
  memoryMb?: number
  effect?: 'read' | 'send'
  expected: {status: Outcome['status']; code: string; category: string}
}

const cases: Case[] = [
  {fixture: 'exits', expected: {status: 'failed', code: 'PLUGIN_CRASHED', category: 'unavailable'}},
  {fixture: 'throws-later', expected: {status: 'failed', code: 'PLUGIN_CRASHED', category: 'unavailable'}},
  {
    fixture: 'hangs',
    deadlineMs: 300,
    expected: {status: 'timedOut', code: 'EXECUTION_TIMED_OUT', category: 'unavailable'},
  },
  {
    fixture: 'spins',
    deadlineMs: 300,
    expected: {status: 'timedOut', code: 'EXECUTION_TIMED_OUT', category: 'unavailable'},
  },
  {
    fixture: 'hangs',
    deadlineMs: 300,
    effect: 'send',
    expected: {status: 'unknown', code: 'EXECUTION_TIMED_OUT', category: 'unknown'},
  },
  {
    fixture: 'eats-buffers',
    memoryMb: 128,
    expected: {status: 'failed', code: 'PLUGIN_CRASHED', category: 'unavailable'},
  },
  {
    fixture: 'writes-raw',
    input: {text: 'giant'},
    expected: {status: 'failed', code: 'PLUGIN_CRASHED', category: 'unavailable'},
  },
  {fixture: 'fails', action: 'auth', expected: {status: 'failed', code: 'LOGIN', category: 'auth'}},
  {fixture: 'fails', action: 'bug', expected: {status: 'failed', code: 'BUG', category: 'bug'}},
]

async function runCase(
  host: Host,
  folder: string,
  {fixture, action = 'run', input = {}, deadlineMs, memoryMb, effect = 'read', expected}: Case,
): Promise<void> {
  const path = await buildFixture(folder, fixture, {
    id: 'bad',
    ...(memoryMb && {process: {memoryMb}}),
    actions: {[action]: {effect, retry: {max: 0}}},
  })
  await host.installBundle(path)
  const outcome = await host.execute({registration: 'bad', action, input, ...(deadlineMs && {deadlineMs})})
  assert.is(outcome.status, expected.status, fixture)
  assert.is(outcome.error?.code, expected.code, fixture)
  assert.is(outcome.error?.category, expected.category, fixture)
  assert.equal(host.getExecution(outcome.execution).status, expected.status)
  const neighbour = await host.execute({registration: 'good', action: 'echo', input: fixture})
  assert.is(neighbour.output, fixture)
}

for (const entry of cases) {
  test(`${entry.fixture} ${entry.action ?? ''} ${entry.effect ?? ''}: a recorded ${entry.expected.status}, ${entry.expected.code}, and a neighbour that answers`, () =>
    deadline(
      30_000,
      withHost(SETTINGS, async ({host, folder}) => {
        await host.installBundle(await buildFixture(folder, 'echo', {id: 'good'}))
        await runCase(host, folder, entry)
      }),
    ))
}

test('an action declared idempotent is tried again after a crash, another is not', () =>
  deadline(
    30_000,
    withHost(SETTINGS, async ({host, folder}) => {
      const actions = {run: {effect: 'send' as const, idempotency: 'natural' as const, retry: {max: 2, baseMs: 100}}}
      await host.installBundle(await buildFixture(folder, 'exits', {id: 'again', actions}))
      await host.installBundle(await buildFixture(folder, 'exits', {id: 'once', actions: {run: {effect: 'send'}}}))
      const again = await host.execute({registration: 'again', action: 'run', input: {}})
      const once = await host.execute({registration: 'once', action: 'run', input: {}})
      assert.ok(again.attempts > 1, `${again.attempts} attempts`)
      assert.is(once.attempts, 1)
    }),
  ))

test('a client that goes away cancels the call', () =>
  deadline(
    30_000,
    withHost(SETTINGS, async ({host, folder}) => {
      await host.installBundle(await buildFixture(folder, 'gives-up', {id: 'polite', actions: {run: {effect: 'send'}}}))
      const controller = new AbortController()
      const call = host.execute({registration: 'polite', action: 'run', input: {}, signal: controller.signal})
      await eventually(5000, () => host.getPlugin('polite').process?.inFlight === 1)
      controller.abort(new Error('the client went away'))
      const outcome = await call
      assert.is(outcome.status, 'cancelled')
      assert.is(host.getPlugin('polite').process?.inFlight, 0)
    }),
  ))

test('what is running when the server is told to stop finishes, and a new call is refused', () =>
  deadline(
    30_000,
    withHost(SETTINGS, async ({host, folder}) => {
      await host.installBundle(await buildFixture(folder, 'slow', {actions: {echo: {}}}))
      const call = host.execute({registration: 'slow', action: 'echo', input: {ms: 500}})
      await eventually(5000, () => host.getPlugin('slow').process?.inFlight === 1)
      const stopped = host.stop()
      assert.is(host.readiness().ready, false)
      assert.match(
        String(await host.execute({registration: 'slow', action: 'echo', input: {}}).catch(error => error)),
        /the server is stopping/,
      )
      assert.is((await call).status, 'succeeded')
      await stopped
    }),
  ))

test.run()
