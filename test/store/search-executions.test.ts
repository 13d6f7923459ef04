import {suite} from 'uvu'
import {equal, ok} from 'uvu/assert'
import {createIdSource} from '../../host/execution/create-id.ts'
import {startOfId} from '../../host/store/search-executions.ts'
import type {Execution, ExecutionFilter} from '../../host/types.ts'
import {describeExecution, withStore} from '../support/store.ts'

const test = suite('the search for executions')
const START = 1_800_000_000_000
const HOUR_MS = 3_600_000

const CHANGES: Partial<Execution>[] = [
  {plugin: 'other', registration: 'r2'},
  {action: 'send'},
  {mode: 'dryRun'},
  {status: 'failed'},
  {by: 'ann'},
  {record: 'request:12'},
  {record: 'request:1'},
  {plugin: 'other', action: 'send', by: 'ann', status: 'failed'},
]

test('each filter, alone and with others, finds the same in the database and before it is there', () =>
  withStore(async ({store, clock}) => {
    const createId = createIdSource(clock.now)
    const all: Execution[] = []
    for (const change of CHANGES) {
      all.push(describeExecution({...change, execution: createId(), startedAt: clock.now()}))
      clock.advance(HOUR_MS)
    }
    const filters: ExecutionFilter[] = [
      {},
      {plugin: 'other'},
      {registration: 'r2'},
      {action: 'send'},
      {mode: 'dryRun'},
      {status: 'failed'},
      {by: 'ann'},
      {record: 'request:1'},
      {since: START + 2 * HOUR_MS},
      {until: START + 2 * HOUR_MS},
      {since: START + HOUR_MS, until: START + 3 * HOUR_MS},
      {since: START + 100 * HOUR_MS},
      {until: START},
      {plugin: 'other', by: 'ann', action: 'send', status: 'failed', since: START},
      {before: all[3]?.execution ?? ''},
    ]
    const ask = (): string[][] => filters.map(filter => store.executions.list(filter).map(({execution}) => execution))
    for (const execution of all) store.executions.record(execution)
    const waiting = ask()
    store.writer.flush()
    equal(ask(), waiting)
    const indexes = waiting.map(found => found.map(id => all.findIndex(({execution}) => execution === id)))
    equal(indexes, [
      [7, 6, 5, 4, 3, 2, 1, 0],
      [7, 0],
      [0],
      [7, 1],
      [2],
      [7, 3],
      [7, 4],
      [6],
      [7, 6, 5, 4, 3, 2],
      [1, 0],
      [2, 1],
      [],
      [],
      [7],
      [2, 1, 0],
    ])
  }))

test('a clock that was set back hides nothing of the last day', () =>
  withStore(async ({store, clock}) => {
    const createId = createIdSource(clock.now)
    clock.advance(HOUR_MS)
    createId()
    // Its id goes on from the hour before; its start tells the time as it is now.
    const execution = createId()
    await store.executions.commit(describeExecution({execution, startedAt: START}))
    const found = store.executions.list({since: START, until: START + 1})
    equal(
      found.map(entry => entry.execution),
      [execution],
    )
    ok(execution > startOfId(START + HOUR_MS), 'its id lies outside the span that was asked for')
  }))

test.run()
