import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import type {Executor} from '../../../host/execution/executor.ts'
import type {Execution} from '../../../host/types.ts'
import {deadline, eventually} from '../../support/deadline.ts'
import {
  describeAction,
  describeActions,
  type ExecutorTest,
  type FakePlugin,
  hang,
  refusal,
  withExecutor,
} from '../../support/executor.ts'

const test = suite('stop')
const MANIFEST = describeActions({send: describeAction(), put: describeAction({idempotency: 'natural'})})
const hangs: FakePlugin = (_, __, options) => hang(options)

function withQueue(
  plugin: FakePlugin,
  run: (test: ExecutorTest) => Promise<void>,
  settings: Parameters<typeof withExecutor>[3] = {},
): Promise<void> {
  return deadline(20_000, () => withExecutor(MANIFEST, plugin, run, settings))
}

async function submit(executor: Executor, action: string, change: object = {}): Promise<Execution> {
  const [execution] = await executor.queue.submit([{registration: 'echo', action, input: {}, ...change}])
  if (!execution) throw new Error('Cannot submit: nothing came back')
  return execution
}

/** As the host does it, when the time it gives to what runs is over. */
async function stop({executor}: ExecutorTest): Promise<void> {
  executor.queue.stop()
  executor.cancelAll()
  await eventually(5000, () => executor.running() === 0, 'nothing running')
}

test('what waits stays; what runs goes back when it may be repeated, and is unknown otherwise', () =>
  withQueue(
    hangs,
    async base => {
      const {executor, store} = base
      executor.queue.start()
      const [put, send] = [await submit(executor, 'put'), await submit(executor, 'send')]
      await eventually(5000, () => base.calls.length === 2, 'both calls')
      const waiting = await submit(executor, 'send')
      await stop(base)
      await eventually(5000, () => store.executions.find(send.execution)?.status === 'unknown', 'the end of send')
      assert.is(store.executions.find(send.execution)?.error?.code, 'EXECUTION_INTERRUPTED')
      assert.equal(
        store.queue.list().map(({execution, started}) => [execution, started]),
        [
          [put.execution, false],
          [waiting.execution, false],
        ],
      )
      const next = base.reopen()
      next.queue.start()
      await eventually(5000, () => base.calls.length === 4, 'both calls again')
      const again = base.calls.slice(2).map(({params}) => params.execution)
      assert.equal(again.toSorted(), [put.execution, waiting.execution].toSorted())
      await stop({...base, executor: next})
    },
    {queueAtOnce: 4},
  ))

test('nothing is accepted any more, and who waits for an end is told', () =>
  withQueue(
    hangs,
    async base => {
      const {executor} = base
      executor.queue.start()
      const runs = await submit(executor, 'put', {idempotencyKey: 'k'})
      const waits = await submit(executor, 'send')
      await eventually(5000, () => base.calls.length === 1, 'the call')
      const told = [
        refusal(executor.queue.whenEnded(waits.execution)),
        refusal(executor.queue.whenEnded(runs.execution)),
        refusal(base.run('put', {idempotencyKey: 'k'})),
      ]
      await stop(base)
      told.push(refusal(submit(executor, 'send')))
      assert.equal(
        (await Promise.all(told)).map(({code}) => code),
        ['HOST_STOPPING', 'HOST_STOPPING', 'HOST_STOPPING', 'HOST_STOPPING'],
      )
      assert.is(base.store.queue.count(), 2)
    },
    {queueAtOnce: 2},
  ))

test('who cancels one while the server stops has cancelled it', () =>
  withQueue(hangs, async base => {
    const {executor, store} = base
    executor.queue.start()
    const {execution} = await submit(executor, 'put')
    await eventually(5000, () => base.calls.length === 1, 'the call')
    executor.queue.stop()
    executor.cancel(execution)
    await stop(base)
    await eventually(5000, () => store.executions.find(execution)?.status === 'cancelled', 'its end')
    assert.is(store.queue.count(), 0)
  }))

test.run()
