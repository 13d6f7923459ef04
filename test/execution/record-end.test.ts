import {suite} from 'uvu'
import {equal, is, match} from 'uvu/assert'
import {CallController} from '../../host/call-signal.ts'
import {type AskedEffect, prepareEffects, type ReadyEffects} from '../../host/execution/apply-effects.ts'
import {recordEnd} from '../../host/execution/record-end.ts'
import {createDesk, type Desk} from '../../host/main-server/desk.ts'
import type {MainServer} from '../../host/main-server/main-server.ts'
import type {Execution} from '../../host/types.ts'
import {describeExecution, type StoreTest, withStore} from '../support/store.ts'

const test = suite('the end of an execution and its effects')
const ended = describeExecution({execution: 'e1', durable: true})
const asked: AskedEffect[] = [
  {effect: {op: 'request.note', request: '1', text: 'first', public: false}, from: 'note'},
  {effect: {op: 'request.note', request: '99', text: 'nowhere', public: false}, from: 'note'},
  {effect: {op: 'request.update', request: '1', fields: {status: 'closed'}}, from: 'mapping'},
]

function prepare(mainServer: MainServer): Promise<ReadyEffects> {
  const context = {execution: 'e1', plugin: 'echo', by: 'ann'}
  return prepareEffects(asked, {mainServer, context, granted: [], show: false})
}

function record(effects: ReadyEffects, {store}: StoreTest, faults: unknown[] = []): Promise<Execution> {
  const running = {execution: ended, controller: new CallController(), idempotencyKey: undefined}
  return recordEnd(ended, effects, {running, parts: {store, onError: error => void faults.push(error)}})
}

/** The desk without its place in the store's transactions, as another main server would be. */
function elsewhere({prepareEffect: _, ...desk}: Desk, onApply: () => void = () => {}): MainServer {
  return {
    ...desk,
    applyEffect: (effect, context) => {
      onApply()
      return desk.applyEffect(effect, context)
    },
  }
}

test('on the desk the effects and the end are one write', () =>
  withStore(async base => {
    const desk = createDesk(base.store, base.clock)
    desk.createRequest({subject: 's'})
    const effects = await prepare(desk)
    equal(desk.readNotes('1'), [], 'nothing is changed by preparing')
    const came = await record(effects, base)
    equal(
      came.effects.map(({status}) => status),
      ['applied', 'failed', 'applied'],
    )
    equal(base.store.executions.find('e1'), came)
    equal([desk.readNotes('1').length, (await desk.get('request', '1'))?.status], [1, 'closed'])
  }))

test('an end that cannot be written takes its effects with it', () =>
  withStore(async base => {
    const desk = createDesk(base.store, base.clock)
    desk.createRequest({subject: 's'})
    const faults: unknown[] = []
    const {commit} = base.store.executions
    // The row is refused after the effects were made in the same transaction.
    base.store.executions.commit = (execution, key, before) =>
      commit(execution, key, () => {
        before?.()
        is(desk.readNotes('1').length, 1)
        throw new Error('the row is refused')
      })
    const came = await record(await prepare(desk), base, faults)
    equal([desk.readNotes('1'), (await desk.get('request', '1'))?.status], [[], 'open'])
    equal(
      came.effects.map(({status, error}) => [status, error?.code]),
      Array(3).fill(['failed', 'HOST_STORE_FAILED']),
    )
    is(faults.length, 1)
    base.store.writer.flush()
    equal(base.store.executions.find('e1')?.effects, came.effects)
  }))

test('elsewhere the end is on the disk before the first change, each effect told as one nobody knows of', () =>
  withStore(async base => {
    const desk = createDesk(base.store, base.clock)
    desk.createRequest({subject: 's'})
    const seen: (Execution | undefined)[] = []
    const came = await record(await prepare(elsewhere(desk, () => seen.push(base.store.executions.find('e1')))), base)
    is(seen.length, 3)
    for (const stored of seen) {
      is(stored?.status, 'succeeded', 'after a crash now it would not be run again')
      equal(
        stored?.effects.map(({status, error}) => [status, error?.category]),
        Array(3).fill(['failed', 'unknown']),
      )
      match(stored?.effects[0]?.error?.message ?? '', /nobody knows whether it was/)
    }
    equal(
      came.effects.map(({status}) => status),
      ['applied', 'failed', 'applied'],
    )
  }))

test('one that need not survive is not written beforehand', () =>
  withStore(async base => {
    const desk = createDesk(base.store, base.clock)
    desk.createRequest({subject: 's'})
    const seen: unknown[] = []
    const mainServer = elsewhere(desk, () => seen.push(base.store.executions.find('e1')))
    const effects = await prepare(mainServer)
    const passing = {...ended, durable: false}
    const running = {execution: passing, controller: new CallController(), idempotencyKey: undefined}
    await recordEnd(passing, effects, {running, parts: {store: base.store}})
    equal(seen, [undefined, undefined, undefined])
  }))

test.run()
