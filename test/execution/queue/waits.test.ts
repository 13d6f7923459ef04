import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {HostError, PluginFailure} from '../../../host/errors.ts'
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

const test = suite('waits')
const MANIFEST = describeActions(
  {
    send: describeAction(),
    put: describeAction({idempotency: 'natural', retry: {max: 1, baseMs: 1000}}),
    pin: describeAction({input: {type: 'object', properties: {pin: {type: 'string', 'x-fp-secret': true}}}}),
  },
  {process: {concurrency: 2}},
)
const answer: FakePlugin = () => ({output: 'done', effects: [], message: 'ok'})
const away = new HostError('PLUGIN_PARKED', {id: 'echo', reason: 'it crashed', sent: false})

function withQueue(
  plugin: FakePlugin,
  run: (test: ExecutorTest) => Promise<void>,
  settings: Parameters<typeof withExecutor>[3] = {},
): Promise<void> {
  return deadline(20_000, () => withExecutor(MANIFEST, plugin, run, settings))
}

async function submit({executor}: Pick<ExecutorTest, 'executor'>, action: string, change = {}): Promise<Execution> {
  const [execution] = await executor.queue.submit([{registration: 'echo', action, input: {}, ...change}])
  if (!execution) throw new Error('Cannot submit: nothing came back')
  return execution
}

const ends = ({executor}: Pick<ExecutorTest, 'executor'>, id: string, status: string): Promise<Execution> =>
  eventually(5000, () => (executor.get(id).status === status ? executor.get(id) : undefined), `${id} ${status}`)

test('a plugin that stays away too long lets what waits for it fail, one by one', () =>
  withQueue(
    () => {
      throw away
    },
    async base => {
      base.executor.queue.start()
      const first = await submit(base, 'send')
      await eventually(5000, () => base.calls.length === 1 && base.executor.running() === 0, 'the first try')
      base.clock.advance(9000)
      await eventually(5000, () => base.executor.running() === 0, 'another try')
      assert.is(base.executor.get(first.execution).status, 'queued')
      base.clock.advance(5000)
      const ended = await ends(base, first.execution, 'failed')
      assert.equal([ended.error?.code, ended.attempts], ['PLUGIN_PARKED', 1])
      assert.is(base.store.queue.count(), 0)
    },
    {queueMaxAgeMs: 10_000},
  ))

test('nothing looks at the clock while nothing waits', () =>
  withQueue(answer, async base => {
    base.executor.queue.start()
    const {execution} = await submit(base, 'send')
    await ends(base, execution, 'succeeded')
    assert.is(base.clock.timers, 0)
  }))

test('what was begun by a server before waits for its plugin to be asked, and in the end is unknown', () => {
  let isAway = true
  const plugin: FakePlugin = method => {
    if (isAway) throw away
    return method === 'verify' ? {done: 'yes', output: 7} : {output: 'again', effects: [], message: ''}
  }
  return withQueue(
    plugin,
    async base => {
      const [asked, old] = [await submit(base, 'send'), await submit(base, 'send')]
      for (const {execution} of [asked, old]) base.store.queue.markStarted(execution)
      const executor = base.reopen()
      const next = {...base, executor}
      executor.queue.start()
      await eventually(5000, () => base.calls.length >= 1 && executor.running() === 0, 'the first question')
      assert.is(base.store.queue.count(), 2)
      base.store.commitNow(() => {
        const row = base.store.executions.find(old.execution)
        if (row) base.store.executions.save({...row, startedAt: 0})
      })
      const third = {...base, executor: base.reopen()}
      executor.queue.stop()
      third.executor.queue.start()
      const lost = await ends(third, old.execution, 'unknown')
      assert.is(lost.error?.code, 'EXECUTION_INTERRUPTED')
      isAway = false
      base.clock.advance(60_000)
      const told = await ends(third, asked.execution, 'succeeded')
      assert.is(told.output, 7)
      assert.equal(
        base.calls.filter(({method}) => method === 'execute'),
        [],
      )
      assert.is(next.executor.running(), 0)
    },
    {queueMaxAgeMs: 1_000_000},
  )
})

test('one that was begun and whose action is gone is unknown; one that was not has failed', () =>
  withQueue(answer, async base => {
    const [begun, fresh] = [await submit(base, 'send'), await submit(base, 'send')]
    base.store.queue.markStarted(begun.execution)
    base.active = {manifest: describeActions({put: describeAction()}), version: '2.0.0'}
    const next = {...base, executor: base.reopen()}
    next.executor.queue.start()
    await eventually(5000, () => base.store.queue.count() === 0, 'their ends')
    assert.is(base.calls.length, 0)
    assert.is(next.executor.get(begun.execution).status, 'unknown')
    const failed = next.executor.get(fresh.execution)
    assert.equal([failed.status, failed.error?.code], ['failed', 'ACTION_NOT_FOUND'])
  }))

test('one whose secrets cannot be read any more has failed, and the others run', () =>
  withQueue(answer, async base => {
    const broken = await submit(base, 'pin', {input: {pin: 'very-secret'}})
    const whole = await submit(base, 'pin', {input: {pin: 'very-secret'}})
    const [row] = base.store.queue.list()
    base.store.commitNow(() => {
      base.store.queue.remove(broken.execution)
      if (row) base.store.queue.insert({...row, request: {sealedInput: 'v1.nonsense'}})
    })
    const next = {...base, executor: base.reopen()}
    next.executor.queue.start()
    assert.is((await ends(next, broken.execution, 'failed')).error?.code, 'HOST_STORE_FAILED')
    await ends(next, whole.execution, 'succeeded')
    assert.is(base.store.queue.count(), 0)
  }))

test('a plugin gets no more at once than it takes', () => {
  const finishes: (() => void)[] = []
  const plugin: FakePlugin = () =>
    new Promise(resolve => finishes.push(() => resolve(answer('', {} as never, {} as never))))
  return withQueue(plugin, async base => {
    base.executor.queue.start()
    const all = await Promise.all(Array.from({length: 5}, () => submit(base, 'put')))
    for (let done = 0; done < all.length; done++) {
      await eventually(5000, () => finishes.length === Math.min(all.length, done + 2), `${done} done`)
      assert.is(base.executor.queue.size, Math.max(0, all.length - done - 2))
      finishes[done]?.()
    }
    await eventually(5000, () => base.store.queue.count() === 0, 'their ends')
  })
})

test('more than may wait are refused, all of the request or none', () =>
  withQueue(
    answer,
    async base => {
      const one = {registration: 'echo', action: 'send', input: {}}
      await base.executor.queue.submit([one, one])
      assert.is((await refusal(base.executor.queue.submit([one, one]))).code, 'QUEUE_FULL')
      assert.is(base.store.queue.count(), 2)
      const [keyed] = await base.executor.queue.submit([{...one, idempotencyKey: 'k'}])
      assert.is((await refusal(submit(base, 'send'))).code, 'QUEUE_FULL')
      const [again] = await base.executor.queue.submit([{...one, idempotencyKey: 'k'}])
      assert.is(again?.execution, keyed?.execution, 'what is there already needs no place')
      base.executor.queue.start()
      await eventually(5000, () => base.store.queue.count() === 0, 'their ends')
      await submit(base, 'send')
    },
    {queueLimit: 3},
  ))

test('a retry waits as long as it was told to, and survives the server', () => {
  let count = 0
  const plugin: FakePlugin = () => {
    if (++count === 1) {
      throw new PluginFailure({
        code: 'LATER',
        category: 'rateLimit',
        message: 'later',
        retryable: true,
        retryAfterMs: 5000,
      })
    }
    return {output: count, effects: [], message: ''}
  }
  return withQueue(plugin, async base => {
    base.executor.queue.start()
    const {execution} = await submit(base, 'put')
    const retrying = await ends(base, execution, 'retrying')
    assert.is((retrying.nextAttemptAt ?? 0) - base.clock.now(), 5000)
    base.executor.queue.stop()
    const next = {...base, executor: base.reopen()}
    next.executor.queue.start()
    assert.is(next.executor.get(execution).status, 'retrying')
    base.clock.advance(4999)
    assert.is(count, 1)
    base.clock.advance(1)
    const ended = await ends(next, execution, 'succeeded')
    assert.equal([ended.attempts, ended.tries.map(({error}) => error?.code)], [2, ['LATER']])
  })
})

test('one that is cancelled between two attempts is cancelled at once, and so is one that is being put away', () => {
  const plugin: FakePlugin = (_, {input}, options) => {
    if (input === 'hang') return hang(options)
    throw new PluginFailure({code: 'AWAY', category: 'network', message: 'away', retryable: true})
  }
  return withQueue(plugin, async base => {
    base.executor.queue.start()
    const {execution} = await submit(base, 'put')
    await ends(base, execution, 'retrying')
    const {status, tries} = base.executor.cancel(execution)
    assert.equal([status, tries.length], ['cancelled', 1])
    assert.is(base.store.queue.count(), 0)
    base.clock.advance(60_000)
    const late = await submit(base, 'put')
    await eventually(5000, () => base.calls.length === 2, 'the call')
    // Its attempt has failed; that is being written.
    base.executor.cancel(late.execution)
    await ends(base, late.execution, 'cancelled')
    assert.is(base.store.queue.count(), 0)
    assert.equal(base.faults, [])
  })
})

test.run()
