import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {HostError} from '../../../host/errors.ts'
import {deadline, eventually} from '../../support/deadline.ts'
import {
  describeAction,
  describeActions,
  type ExecutorTest,
  type FakePlugin,
  refusal,
  withExecutor,
} from '../../support/executor.ts'

const test = suite('keys of the queue')
const MANIFEST = describeActions({send: describeAction()})
const KEYED = {registration: 'echo', action: 'send', input: {}, idempotencyKey: 'k'}

function withQueue(plugin: FakePlugin, run: (test: ExecutorTest) => Promise<void>): Promise<void> {
  return deadline(20_000, () => withExecutor(MANIFEST, plugin, run))
}

test('one that is called and one that is submitted are the same, whichever comes first', () => {
  let finish = (): void => {}
  const plugin: FakePlugin = () =>
    new Promise(resolve => (finish = () => resolve({output: 1, effects: [], message: ''})))
  return withQueue(plugin, async base => {
    const {executor} = base
    executor.queue.start()
    const called = executor.execute(KEYED)
    const submitted = executor.queue.submit([KEYED])
    await eventually(5000, () => base.calls.length === 1, 'the call')
    finish()
    const [outcome, [execution]] = await Promise.all([called, submitted])
    assert.is(execution?.execution, outcome.execution)
    assert.equal([execution?.status, execution?.durable], ['succeeded', false])

    const other = {...KEYED, idempotencyKey: 'other'}
    const accepting = executor.queue.submit([other])
    const joining = executor.execute(other)
    await eventually(5000, () => base.calls.length === 2, 'the second call')
    finish()
    const [[accepted], joined] = await Promise.all([accepting, joining])
    assert.is(accepted?.execution, joined.execution)
    assert.equal([joined.status, base.calls.length, base.store.executions.count()], ['succeeded', 2, 2])
  })
})

test('two with the same key in one go are one', () =>
  withQueue(
    () => ({output: 1, effects: [], message: ''}),
    async base => {
      const [one, two, three] = await base.executor.queue.submit([KEYED, KEYED, {...KEYED, mode: 'test'}])
      assert.is(one?.execution, two?.execution)
      assert.is.not(one?.execution, three?.execution)
      assert.is(base.store.queue.count(), 2)
    },
  ))

test('a key whose call was never sent, or that could not be written, may be used again', () => {
  let isBusy = true
  const plugin: FakePlugin = () => {
    if (isBusy) throw new HostError('PLUGIN_BUSY', {id: 'echo'})
    return {output: 1, effects: [], message: ''}
  }
  return withQueue(plugin, async base => {
    const {executor} = base
    executor.queue.start()
    const [called, submitted] = await Promise.all([refusal(executor.execute(KEYED)), executor.queue.submit([KEYED])])
    assert.is(called.code, 'PLUGIN_BUSY')
    isBusy = false
    base.clock.advance(60_000)
    const id = submitted[0]?.execution ?? ''
    await eventually(5000, () => executor.get(id).status === 'succeeded', 'the one that was accepted')

    const other = {...KEYED, idempotencyKey: 'other'}
    const alongside = (): never => {
      throw new Error('no')
    }
    const failing = refusal(executor.queue.submit([other], {alongside}))
    const outcome = await executor.execute(other)
    assert.is((await failing).code, 'HOST_STORE_FAILED')
    assert.is(outcome.status, 'succeeded')
  })
})

test.run()
