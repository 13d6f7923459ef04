import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {createHost, createLog, type Host, loadConfig, type OpenedHost} from '../../host/index.ts'
import type {Execution} from '../../host/types.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {withHost} from '../support/plugin-harness.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('durable executions')
type Actions = NonNullable<Parameters<typeof buildFixture>[2]>['actions'] & object

function withFixture(
  fixture: string,
  actions: Actions,
  run: (opened: OpenedHost & {folder: string}) => Promise<void>,
): Promise<void> {
  return withHost({}, opened =>
    deadline(60_000, async () => {
      await opened.host.installBundle(await buildFixture(opened.folder, fixture, {actions}))
      await run(opened)
    }),
  )
}

function whenIs(host: Host, {execution}: Execution, status: Execution['status']): Promise<Execution> {
  return eventually(
    20_000,
    () => {
      const found = host.getExecution(execution)
      if (found.endedAt !== null && found.status !== status) throw new Error(`Cannot be: it is ${found.status}`)
      return found.status === status ? found : undefined
    },
    `${execution} ${status}`,
  )
}

async function readMetric(host: Host, name: string): Promise<number> {
  const {text} = await host.metrics()
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
}

test('a cancelled one reaches the plugin, which has the last word', () =>
  withFixture('gives-up', {run: {effect: 'send'}, finishes: {effect: 'send'}}, async ({host}) => {
    const request = {registration: 'gives-up', input: null}
    const [run, finishes] = [
      await host.submit({...request, action: 'run'}),
      await host.submit({...request, action: 'finishes'}),
    ]
    for (const execution of [run, finishes]) {
      await eventually(20_000, () => host.getExecution(execution.execution).attempts === 1, 'the call')
      assert.is(host.cancelExecution(execution.execution).status, 'running')
    }
    assert.is((await whenIs(host, run, 'cancelled')).error?.code, 'EXECUTION_CANCELLED')
    assert.is((await whenIs(host, finishes, 'succeeded')).output, 'done after all')
    assert.is(host.cancelExecution(run.execution).status, 'cancelled', 'a second click changes nothing')
  }))

test('one whose process crashed is called again by the next process where that does no harm', () => {
  const actions: Actions = {run: {effect: 'update', idempotency: 'natural', retry: {baseMs: 10}}}
  return withFixture('crashes-once', actions, async ({host}) => {
    const ended = await whenIs(
      host,
      await host.submit({registration: 'crashes-once', action: 'run', input: null}),
      'succeeded',
    )
    assert.is(ended.output, ended.attempts)
    assert.is(ended.tries[0]?.error?.code, 'PLUGIN_CRASHED')
    assert.equal([ended.durable, ended.nextAttemptAt], [true, null])
  })
})

test('one whose process crashed and that must not be repeated is not', () =>
  withFixture('crashes-once', {run: {effect: 'send'}}, async ({host}) => {
    const ended = await whenIs(
      host,
      await host.submit({registration: 'crashes-once', action: 'run', input: null}),
      'failed',
    )
    assert.equal([ended.error?.code, ended.attempts, ended.error?.retryable], ['PLUGIN_CRASHED', 1, false])
  }))

test('what is off waits, is counted, and runs when it is on again', () =>
  withFixture('echo', {echo: {}}, async ({host}) => {
    const request = {registration: 'echo', action: 'echo', input: {say: 'hello'}}
    await host.disablePlugin('echo')
    const accepted = await host.submit(request)
    await eventually(
      20_000,
      async () => (await readMetric(host, 'plugin_host_executions_waiting')) === 1,
      'one waiting',
    )
    assert.ok((await readMetric(host, 'plugin_host_executions_waiting_oldest_seconds')) >= 0)
    await host.enablePlugin('echo')
    const ended = await whenIs(host, accepted, 'succeeded')
    assert.is(ended.attempts, 1)
    assert.is(await readMetric(host, 'plugin_host_executions_waiting'), 0)
    assert.is(await readMetric(host, 'plugin_host_executions_waiting_oldest_seconds'), 0)
  }))

test('what waits at a stop is run by the next server', () =>
  deadline(60_000, () =>
    withTempFolder(async folder => {
      const config = loadConfig({dataFolder: join(folder, 'data')})
      const open = async (): Promise<Host> => (await createHost({config, log: createLog('silent')})).host
      const first = await open()
      let accepted: Execution
      try {
        await first.installBundle(await buildFixture(folder, 'echo'))
        await first.disablePlugin('echo')
        accepted = await first.submit({registration: 'echo', action: 'echo', input: 7, idempotencyKey: 'k'})
      } finally {
        await first.stop()
      }
      const next = await open()
      try {
        await whenIs(next, accepted, 'queued')
        await next.enablePlugin('echo')
        const outcome = await next.execute({registration: 'echo', action: 'echo', input: 7, idempotencyKey: 'k'})
        assert.equal([outcome.execution, outcome.status, outcome.output], [accepted.execution, 'succeeded', 7])
      } finally {
        await next.stop()
      }
    }),
  ))

test('dead ones are retried in bulk; what cannot be is told', () =>
  withFixture('crashes-once', {run: {effect: 'send'}}, async ({host}) => {
    const request = {registration: 'crashes-once', action: 'run', input: null}
    const dead = await whenIs(host, await host.submit(request), 'failed')
    const {retried, refused} = await host.retryExecutions({executions: [dead.execution, 'none']}, 'ann')
    assert.equal(
      retried.map(({execution}) => execution),
      [dead.execution],
    )
    assert.equal(
      refused.map(({execution}) => execution),
      ['none'],
    )
    const again = host.getExecution(retried[0]?.as ?? '')
    assert.equal([again.by, again.origin], ['ann', {kind: 'replay', id: dead.execution}])
    await whenIs(host, again, 'failed')
  }))

test.run()
