import {suite} from 'uvu'
import {equal, is} from 'uvu/assert'
import type {Execution} from '../../host/types.ts'
import {describeExecution, withStore} from '../support/store.ts'

const test = suite('executions')
const ids = (executions: Execution[]): string[] => executions.map(({execution}) => execution)

test('an execution is found while it is queued, unchanged by what its caller does later, and after it was written', () =>
  withStore(({store}) => {
    const execution = describeExecution({execution: 'a'})
    const expected = structuredClone(execution)
    store.executions.record(execution)
    execution.output = 'changed'
    is(store.executions.count(), 0)
    equal(store.executions.find('a'), expected)
    equal(store.executions.list(), [expected])
    store.writer.flush()
    is(store.executions.count(), 1)
    equal(store.executions.find('a'), expected)
    is(store.executions.find('b'), undefined)
  }))

test('a list holds written and queued ones, the newest first, by filter and page', () =>
  withStore(({store}) => {
    store.executions.record(describeExecution({execution: 'a', plugin: 'one'}))
    store.executions.record(describeExecution({execution: 'c', plugin: 'two', status: 'failed'}))
    store.writer.flush()
    store.executions.record(describeExecution({execution: 'b', plugin: 'one', registration: 'other'}))
    store.executions.record(describeExecution({execution: 'd', plugin: 'one'}))
    equal(ids(store.executions.list()), ['d', 'c', 'b', 'a'])
    equal(ids(store.executions.list({plugin: 'one'})), ['d', 'b', 'a'])
    equal(ids(store.executions.list({status: 'failed'})), ['c'])
    equal(ids(store.executions.list({registration: 'other', plugin: 'one'})), ['b'])
    equal(ids(store.executions.list({limit: 2})), ['d', 'c'])
    equal(ids(store.executions.list({limit: 2, before: 'c'})), ['b', 'a'])
  }))

test('a written row that has a queued successor is not listed as it was', () =>
  withStore(async ({store}) => {
    await store.executions.commit(describeExecution({execution: 'a', status: 'running'}))
    store.executions.record(describeExecution({execution: 'a', status: 'succeeded'}))
    equal(store.executions.list({status: 'running'}), [])
    equal(ids(store.executions.list()), ['a'])
    store.writer.flush()
    equal(store.executions.list({status: 'running'}), [])
    is(store.executions.count(), 1)
  }))

test('an idempotency key finds its execution by registration, action and mode, until it is too old', () =>
  withStore(async ({store}) => {
    await store.executions.commit(describeExecution({execution: 'a', startedAt: 1000}), 'key')
    const by = {registration: 'echo', action: 'say', mode: 'live', key: 'key', since: 1000} as const
    is(store.executions.findByKey(by)?.execution, 'a')
    is(store.executions.findByKey({...by, since: 1001}), undefined)
    is(store.executions.findByKey({...by, registration: 'other'}), undefined)
    is(store.executions.findByKey({...by, mode: 'dryRun'}), undefined)
    is(store.executions.findByKey({...by, key: 'other'}), undefined)
  }))

test('pruning takes the oldest with their records and names those with files, but none that runs', () =>
  withStore(async ({store}) => {
    await store.executions.commit(describeExecution({execution: 'a', status: 'running'}))
    for (const execution of ['b', 'c', 'd', 'e']) await store.executions.commit(describeExecution({execution}))
    await store.records.commit('b', 0, [{n: 1}, {n: 2}])
    await store.artifacts.commit({execution: 'c', name: 'f', type: 'text/plain', bytes: 1, path: '/f'})
    equal(store.pruneExecutions({keep: 3}), {deleted: 2, withFiles: ['c'], more: false})
    equal(ids(store.executions.list()), ['e', 'd', 'a'])
    is(store.records.count('b'), 0)
    is(store.artifacts.find('c', 'f'), undefined)
    equal(store.pruneExecutions({keep: 3}), {deleted: 0, withFiles: [], more: false})
  }))

test('records keep their order and are read in pages', () =>
  withStore(async ({store}) => {
    await store.executions.commit(describeExecution({execution: 'a', status: 'running'}))
    await Promise.all([store.records.commit('a', 0, [{n: 0}, {n: 1}]), store.records.commit('a', 2, [{n: 2}])])
    equal(store.records.list('a', {from: 1}), [{n: 1}, {n: 2}])
    equal(store.records.list('a', {limit: 1}), [{n: 0}])
    is(store.records.count('a'), 3)
  }))

test.run()
