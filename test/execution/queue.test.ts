import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {HostError, PluginFailure} from '../../host/errors.ts'
import type {Execution} from '../../host/types.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {describeAction, describeActions, type ExecutorTest, type FakePlugin, withExecutor} from '../support/executor.ts'

const test = suite('queue')
const MANIFEST = describeActions({
  send: describeAction(),
  put: describeAction({idempotency: 'natural', retry: {max: 2, baseMs: 100}}),
  secret: describeAction({input: {type: 'object', properties: {pin: {type: 'string', 'x-fp-secret': true}}}}),
})
const answer: FakePlugin = () => ({output: 'done', effects: [], message: 'ok'})

function withQueue(plugin: FakePlugin, run: (test: ExecutorTest) => Promise<void>): () => Promise<void> {
  return () => deadline(20_000, withExecutor(MANIFEST, plugin, run))
}

async function submit(
  {executor}: Pick<ExecutorTest, 'executor'>,
  action: string,
  change: object = {},
): Promise<Execution> {
  const [execution] = await executor.queue.submit([{registration: 'echo', action, input: {}, ...change}])
  if (!execution) throw new Error('Cannot submit: nothing came back')
  return execution
}

async function whenIs({executor}: Pick<ExecutorTest, 'executor'>, id: string, status: string): Promise<Execution> {
  return eventually(5000, () => (executor.get(id).status === status ? executor.get(id) : undefined), `${id} ${status}`)
}

test(
  'an accepted one is on the disk before it is run, and runs once',
  withQueue(answer, async base => {
    const {execution, status, durable} = await submit(base, 'send', {record: 'request:7', by: 'ann'})
    assert.equal([status, durable], ['queued', true])
    assert.is(base.store.executions.find(execution)?.status, 'queued')
    assert.is(base.store.queue.count(), 1)
    assert.is(base.calls.length, 0)
    base.executor.queue.start()
    const ended = await whenIs(base, execution, 'succeeded')
    assert.equal([ended.output, ended.by, ended.attempts], ['done', 'ann', 1])
    assert.is(base.store.queue.count(), 0)
    assert.is(base.calls.length, 1)
  }),
)

test(
  'all or none: one that is not in order keeps the others out, and so do failing writes beside them',
  withQueue(answer, async base => {
    const good = {registration: 'echo', action: 'send', input: {}}
    const refused = await base.executor.queue.submit([good, {...good, action: 'nope'}]).catch(error => error)
    assert.is((refused as HostError).code, 'ACTION_NOT_FOUND')
    const alongside = (): never => {
      throw new Error('no')
    }
    await base.executor.queue.submit([good], {alongside}).then(
      () => assert.unreachable(),
      () => {},
    )
    assert.equal([base.store.queue.count(), base.store.executions.count()], [0, 0])
    await base.executor.queue.submit([good, good], {alongside: list => assert.is(list.length, 2)})
    assert.is(base.store.queue.count(), 2)
  }),
)

test(
  'what a server has left is taken up by the next one, retries too',
  withQueue(answer, async base => {
    const waiting = await submit(base, 'send')
    const next = base.reopen()
    next.queue.start()
    await whenIs({executor: next}, waiting.execution, 'succeeded')
    assert.is(base.calls.length, 1)
  }),
)

test('after a crash in the middle: repeatable ones run again, others end as unknown unless the plugin can tell', () => {
  const answers: {[id: string]: string} = {}
  const plugin: FakePlugin = (method, params) =>
    method === 'verify'
      ? {done: answers[params.execution] ?? 'unknown', output: null}
      : answer(method, params, {} as never)
  return withQueue(plugin, async base => {
    const [put, send, done, undone] = [
      await submit(base, 'put'),
      await submit(base, 'send'),
      await submit(base, 'send'),
      await submit(base, 'send'),
    ]
    for (const {execution} of [put, send, done, undone]) base.store.queue.markStarted(execution)
    Object.assign(answers, {[done.execution]: 'yes', [undone.execution]: 'no'})
    const next = base.reopen()
    next.queue.start()
    const wanted: [Execution, string][] = [
      [put, 'succeeded'],
      [send, 'unknown'],
      [done, 'succeeded'],
      [undone, 'succeeded'],
    ]
    const ends = await Promise.all(wanted.map(([{execution}, status]) => whenIs({executor: next}, execution, status)))
    const ran = base.calls.filter(({method}) => method === 'execute').map(({params}) => params.execution)
    assert.equal(ran.toSorted(), [put.execution, undone.execution].toSorted())
    assert.is(ends[1]?.error?.code, 'EXECUTION_INTERRUPTED')
    assert.is(ends[0]?.tries.length, 1)
    assert.is(base.store.queue.count(), 0)
  })()
})

test('a failed attempt of a repeatable one is tried again later, and both are told', () => {
  let count = 0
  const plugin: FakePlugin = () => {
    if (++count < 3) throw new PluginFailure({code: 'AWAY', category: 'network', message: 'away', retryable: true})
    return {output: count, effects: [], message: ''}
  }
  return withQueue(plugin, async base => {
    base.executor.queue.start()
    const {execution} = await submit(base, 'put')
    const retrying = await whenIs(base, execution, 'retrying')
    assert.ok((retrying.nextAttemptAt ?? 0) > base.clock.now())
    assert.is(base.store.executions.find(execution)?.status, 'retrying')
    base.clock.advance(200)
    await eventually(5000, () => count === 2, 'the second attempt')
    await whenIs(base, execution, 'retrying')
    base.clock.advance(500)
    const ended = await whenIs(base, execution, 'succeeded')
    assert.equal([ended.attempts, ended.tries.length, ended.tries[0]?.error?.code], [3, 2, 'AWAY'])
  })()
})

test('one that must not be repeated is not', () => {
  const plugin: FakePlugin = () => {
    throw new PluginFailure({code: 'AWAY', category: 'network', message: 'away', retryable: true})
  }
  return withQueue(plugin, async base => {
    base.executor.queue.start()
    const {execution} = await submit(base, 'send')
    const ended = await whenIs(base, execution, 'failed')
    assert.is(ended.attempts, 1)
    assert.is(base.calls.length, 1)
  })()
})

test('a plugin that is away keeps it waiting, and nothing counts as tried', () => {
  let away = true
  const plugin: FakePlugin = (...call) => {
    if (away) throw new HostError('PLUGIN_PARKED', {id: 'echo', reason: 'it crashed', sent: false})
    return answer(...call)
  }
  return withQueue(plugin, async base => {
    base.executor.queue.start()
    const {execution} = await submit(base, 'send')
    await eventually(5000, () => base.calls.length === 1 && base.executor.get(execution).status === 'queued')
    away = false
    base.clock.advance(1000)
    const ended = await whenIs(base, execution, 'succeeded')
    assert.is(ended.attempts, 1)
  })()
})

test(
  'the same key is the same execution, also in one go and from the next server',
  withQueue(answer, async base => {
    const keyed = {registration: 'echo', action: 'send', input: {}, idempotencyKey: 'k1'}
    const [[one], [two]] = await Promise.all([base.executor.queue.submit([keyed]), base.executor.queue.submit([keyed])])
    assert.is(one?.execution, two?.execution)
    const next = base.reopen()
    const [three] = await next.queue.submit([keyed])
    assert.is(three?.execution, one?.execution)
    assert.is(base.store.queue.count(), 1)
    next.queue.start()
    const outcome = await next.execute(keyed)
    assert.equal([outcome.execution, outcome.status], [one?.execution, 'succeeded'])
    assert.is(base.calls.length, 1)
  }),
)

test(
  'one that waits is cancelled at once, and who listens for ends writes in the same transaction',
  withQueue(answer, async base => {
    const ends: string[] = []
    base.executor.queue.onEnded(
      ({execution, status}) =>
        () =>
          void ends.push(`${execution} ${status}`),
    )
    const {execution} = await submit(base, 'send')
    assert.is(base.executor.cancel(execution).status, 'cancelled')
    assert.equal(ends, [`${execution} cancelled`])
    assert.is(base.store.queue.count(), 0)
    base.executor.queue.start()
    assert.is(base.executor.get(execution).status, 'cancelled')
    assert.is(base.calls.length, 0)
  }),
)

test('one that runs is cancelled through its signal', () => {
  const plugin: FakePlugin = (_, __, {signal}) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  return withQueue(plugin, async base => {
    base.executor.queue.start()
    const {execution} = await submit(base, 'send')
    await eventually(5000, () => base.calls.length === 1, 'the call')
    base.executor.cancel(execution)
    await whenIs(base, execution, 'cancelled')
  })()
})

test(
  'secrets of the input are sealed in the queue, masked in the log, and reach the plugin after a restart',
  withQueue(answer, async base => {
    const {execution} = await submit(base, 'secret', {input: {pin: 'very-secret-pin'}})
    const [row] = base.store.queue.list()
    assert.not.match(JSON.stringify(row), /very-secret-pin/)
    assert.not.match(JSON.stringify(base.executor.get(execution)), /very-secret-pin/)
    const next = base.reopen()
    next.queue.start()
    await whenIs({executor: next}, execution, 'succeeded')
    assert.equal(base.calls[0]?.params.input, {pin: 'very-secret-pin'})
  }),
)

test.run()
