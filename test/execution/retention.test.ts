import {suite} from 'uvu'
import {equal, is} from 'uvu/assert'
import {createIdSource} from '../../host/execution/create-id.ts'
import {pruneExecutions, startRetention} from '../../host/execution/retention.ts'
import type {ExecutionStatus} from '../../host/types.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {createFakeClock} from '../support/fake-clock.ts'
import {describeExecution, type StoreTest, withStore} from '../support/store.ts'

const test = suite('retention')
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

interface Kept extends StoreTest {
  add(status?: ExecutionStatus): Promise<string>
  prune(keep: number, keepDays: number): Promise<number>
  removed: string[]
}

function withHistory(run: (test: Kept) => Promise<void>): Promise<void> {
  return withStore(base => {
    const {store, clock} = base
    const createId = createIdSource(clock.now)
    const removed: string[] = []
    const files = {remove: async (ids: readonly string[]) => void removed.push(...ids)}
    return run({
      ...base,
      removed,
      async add(status = 'succeeded') {
        const execution = createId()
        await store.executions.commit(describeExecution({execution, status, startedAt: clock.now()}))
        return execution
      },
      prune: (keep, keepDays) => pruneExecutions({clock, store, files, config: {keep, keepDays}}),
    })
  })
}

test('what is too old goes, whatever the number; what is young stays', () =>
  withHistory(async ({add, prune, store, clock}) => {
    const old = await add()
    clock.advance(DAY_MS)
    const edge = await add()
    clock.advance(2 * DAY_MS)
    const young = await add()
    is(await prune(100, 0), 0, 'without a limit of days nothing is too old')
    is(await prune(100, 2), 1)
    equal(
      store.executions.list().map(({execution}) => execution),
      [young, edge],
    )
    is(store.executions.find(old), undefined)
  }))

test('whatever waits, runs or is to be tried again stays, however old and however many', () =>
  withHistory(async ({add, prune, store, clock}) => {
    const open = [await add('queued'), await add('running'), await add('retrying')]
    for (const status of ['failed', 'timedOut', 'cancelled', 'unknown', 'succeeded'] as const) await add(status)
    clock.advance(365 * DAY_MS)
    is(await prune(1, 1), 5)
    equal(
      store.executions.list().map(({execution}) => execution),
      open.toReversed(),
    )
  }))

test('records go with their execution, and its files are named for removal', () =>
  withHistory(async ({add, prune, store, clock, removed}) => {
    const old = await add()
    await store.records.commit(old, 0, [{n: 1}])
    await store.artifacts.commit({execution: old, name: 'f', type: 'text/plain', bytes: 1, path: '/f'})
    clock.advance(2 * DAY_MS)
    await add()
    is(await prune(100, 1), 1)
    equal([removed, store.records.count(old), store.artifacts.find(old, 'f')], [[old], 0, undefined])
  }))

test('a large surplus goes in parts, and all of it', () =>
  withHistory(async ({prune, store, clock}) => {
    const createId = createIdSource(clock.now)
    const ids = Array.from({length: 4500}, createId)
    for (const execution of ids) store.executions.record(describeExecution({execution}))
    store.writer.flush()
    is(store.pruneExecutions({keep: 100}).deleted, 2000)
    is(await prune(100, 0), 2400)
    is(store.executions.count(), 100)
    equal(store.executions.list({limit: 1})[0]?.execution, ids.at(-1))
  }))

test('it is looked at every hour, a failure is told and does not end it', () =>
  deadline(10_000, async () => {
    const clock = createFakeClock()
    const faults: unknown[] = []
    let looked = 0
    const stop = startRetention({
      clock,
      prune: async () => {
        looked++
        if (looked === 1) throw new Error('disk full')
      },
      onError: error => void faults.push(error),
    })
    clock.advance(HOUR_MS - 1)
    is(looked, 0)
    clock.advance(1)
    is(looked, 1)
    await eventually(5000, () => clock.timers === 1)
    clock.advance(HOUR_MS)
    equal([looked, faults.length], [2, 1])
    await eventually(5000, () => clock.timers === 1)
    stop()
    clock.advance(10 * HOUR_MS)
    equal([looked, clock.timers], [2, 0])
  }))

test.run()
