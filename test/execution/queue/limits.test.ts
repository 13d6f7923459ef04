import {suite} from 'uvu'
import {equal, is, ok} from 'uvu/assert'
import type {Outcome} from '../../../host/types.ts'
import {deadline, eventually} from '../../support/deadline.ts'
import {
  describeAction,
  describeActions,
  type ExecutorTest,
  type FakePlugin,
  withExecutor,
} from '../../support/executor.ts'

const test = suite('limits of the queue')
const MANIFEST = describeActions({
  send: describeAction({lock: ['user']}),
  slow: describeAction({throttle: {limit: 2, windowMs: 1000}}),
  free: describeAction(),
})

interface LimitsTest extends ExecutorTest {
  /** Names of the inputs that the plugin has got, in order. */
  begun: string[]
  finish(name: string): void
  submit(action: string, name: string, user?: string): Promise<string>
  call(name: string, user: string): Promise<Outcome>
}

/** Every call hangs until it is told to finish. */
function withLimits(run: (test: LimitsTest) => Promise<void>): () => Promise<void> {
  const begun: string[] = []
  const finishes = new Map<string, () => void>()
  const plugin: FakePlugin = (_, {input}, {signal}) =>
    new Promise((resolve, reject) => {
      const {name} = input as {name: string}
      begun.push(name)
      finishes.set(name, () => resolve({output: name, effects: [], message: ''}))
      signal.addEventListener('abort', () => reject(signal.reason), {once: true})
    })
  return () =>
    deadline(
      20_000,
      withExecutor(MANIFEST, plugin, async base => {
        base.executor.queue.start()
        await run({
          ...base,
          begun,
          finish: name => finishes.get(name)?.(),
          async submit(action, name, user = name) {
            const [accepted] = await base.executor.queue.submit([{registration: 'echo', action, input: {name, user}}])
            return accepted?.execution ?? ''
          },
          call: (name, user) => base.run('send', {input: {name, user}}),
        })
        is(base.store.queue.count(), 0)
        is(base.executor.queue.size, 0)
        is(base.executor.running(), 0)
      }),
    )
}

const begins = ({begun}: LimitsTest, count: number): Promise<unknown> =>
  eventually(5000, () => begun.length >= count, `${count} calls, after ${begun}`)

test(
  'one at a time for each key, in order, and others go past',
  withLimits(async base => {
    for (const name of ['a1', 'a2', 'a3']) await base.submit('send', name, 'ann')
    await base.submit('send', 'b1', 'bob')
    await base.submit('free', 'f1')
    await begins(base, 3)
    equal(base.begun, ['a1', 'b1', 'f1'])
    for (const [at, name] of ['a1', 'a2', 'a3'].entries()) {
      base.finish(name)
      await begins(base, Math.min(4 + at, 5))
    }
    equal(base.begun, ['a1', 'b1', 'f1', 'a2', 'a3'])
    for (const name of ['b1', 'f1']) base.finish(name)
    await eventually(5000, () => base.store.queue.count() === 0)
  }),
)

test(
  'callers who wait and what was accepted take turns at a key',
  withLimits(async base => {
    const calls = ['s1', 's2', 's3', 's4'].map(name => base.call(name, 'ann'))
    await begins(base, 1)
    await base.submit('send', 'q1', 'ann')
    await base.submit('send', 'q2', 'ann')
    for (let count = 1; count <= 6; count++) {
      await begins(base, count)
      is(base.begun.length, count, 'two at once')
      base.finish(base.begun.at(-1) ?? '')
    }
    await Promise.all(calls)
    await eventually(5000, () => base.store.queue.count() === 0)
    ok(base.begun.indexOf('q1') < base.begun.indexOf('s4'), `q1 waits for every caller: ${base.begun}`)
    ok(base.begun.indexOf('s2') < base.begun.indexOf('q2'), `s2 waits for all that was accepted: ${base.begun}`)
  }),
)

test(
  'a throttled action waits for its window, and one that is cancelled meanwhile never runs',
  withLimits(async base => {
    await base.submit('slow', 'w1')
    await base.submit('slow', 'w2')
    const gone = await base.submit('slow', 'w3')
    await base.submit('slow', 'w4')
    await base.submit('free', 'f1')
    await begins(base, 3)
    equal(base.begun, ['w1', 'w2', 'f1'])
    is(base.executor.cancel(gone).status, 'cancelled')
    base.clock.advance(999)
    is(base.begun.length, 3)
    base.clock.advance(1)
    await begins(base, 4)
    equal(base.begun.slice(3), ['w4'])
    for (const name of base.begun) base.finish(name)
    await eventually(5000, () => base.store.queue.count() === 0)
  }),
)

test.run()
