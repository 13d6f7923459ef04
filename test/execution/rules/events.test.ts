import fc from 'fast-check'
import {suite} from 'uvu'
import {equal, is, match, ok} from 'uvu/assert'
import {HostError, isHostError} from '../../../host/errors.ts'
import type {MainEvent} from '../../../host/types.ts'
import {refusal} from '../../support/refusal.ts'
import {describeRule, withWorkflow} from '../../support/workflow.ts'

const test = suite('events')
const created: MainEvent = {id: 'ev-1', type: 'request.created', record: {id: '12', subject: 'Printer'}}

test('an event starts the rules that are for it and fit, in their order', () =>
  withWorkflow(async ({store, events, queue}) => {
    store.rules.save(describeRule({id: 'second', position: 2}))
    store.rules.save(describeRule({id: 'first', position: 1}))
    store.rules.save(describeRule({id: 'off', position: 3, enabled: false}))
    store.rules.save(describeRule({id: 'other', position: 4, trigger: {kind: 'event', events: ['request.updated']}}))
    store.rules.save(describeRule({id: 'unfit', position: 5, when: {field: 'subject', is: 'equal', value: 'Mouse'}}))
    store.rules.save(describeRule({id: 'fit', position: 6, when: {field: 'subject', is: 'contains', value: 'print'}}))
    const result = await events.handle(created, 'ann')
    is(result.duplicate, false)
    equal(
      result.runs.map(run => run.rule),
      ['first', 'second', 'fit'],
    )
    equal(
      queue.accepted.map(({request}) => [request.by, request.record, request.origin?.kind, request.input]),
      Array(3).fill(['ann', 'request:12', 'rule', {subject: 'Printer', steps: {}}]),
    )
    equal(
      events.get('ev-1').runs,
      result.runs.map(run => run.id),
    )
  }))

test('the old record tells what changed', () =>
  withWorkflow(async ({store, events}) => {
    const trigger = {kind: 'event' as const, events: ['request.updated']}
    store.rules.save(
      describeRule({id: 'resolved', trigger, when: {field: 'status', is: 'changedTo', value: 'resolved'}}),
    )
    const record = {id: '12', status: 'resolved'}
    const same = await events.handle({type: 'request.updated', record, old: record}, 'ann')
    const changed = await events.handle({type: 'request.updated', record, old: {id: '12', status: 'open'}}, 'ann')
    is(same.runs.length, 0)
    is(changed.runs.length, 1)
  }))

test('the same event twice is processed once, one after the other and both at once', () =>
  withWorkflow(async ({store, events, queue}) => {
    store.rules.save(describeRule({id: 'one'}))
    const all = await Promise.all(Array.from({length: 8}, () => events.handle(created, 'ann')))
    const later = await events.handle({...created, record: {subject: 'Printer', id: '12'}}, 'bob')
    is(queue.accepted.length, 1)
    is(all.filter(({duplicate}) => !duplicate).length, 1)
    is(later.duplicate, true)
    const [run] = all[0]?.runs ?? []
    for (const result of [...all, later])
      equal(
        result.runs.map(({id}) => id),
        [run?.id],
      )
  }))

test('two events of one ticket are two, also without an id', () =>
  withWorkflow(async ({store, events, queue}) => {
    store.rules.save(describeRule({id: 'one'}))
    const {id: _, ...unnamed} = created
    await events.handle(unnamed, 'ann')
    await events.handle(unnamed, 'ann')
    await events.handle({...created, id: 'ev-2'}, 'ann')
    is(queue.accepted.length, 3)
  }))

test('another event with the id of one before is refused, not swallowed', () =>
  withWorkflow(async ({events}) => {
    await events.handle(created, 'ann')
    const error = await refusal(events.handle({...created, record: {id: '13', subject: 'Mouse'}}, 'ann'))
    is(error.code, 'EVENT_INVALID')
    match(error.message, /another event has come with the id "ev-1"/)
  }))

test('what is no event is refused in words, whatever it is', () =>
  withWorkflow(async ({events, store}) => {
    const big = 'x'.repeat(600 * 1024)
    const wrong: [object, RegExp][] = [
      [{type: ''}, /type/],
      [{type: 'request created'}, /type/],
      [{type: 'a'.repeat(101)}, /type/],
      [{type: 5}, /type/],
      [{id: ''}, /id/],
      [{id: 'a b'}, /id/],
      [{module: 'ticket'}, /module/],
      [{record: []}, /record must be an object/],
      [{record: null}, /record must be an object/],
      [{record: {id: {}}}, /text or a number/],
      [{old: 'x'}, /old record must be an object/],
      [{record: {big}}, /characters/],
    ]
    for (const [change, reason] of wrong) {
      const error = await refusal(events.handle({...created, ...change} as MainEvent, 'ann'))
      is(error.code, 'EVENT_INVALID')
      match(error.message, reason)
    }
    await fc.assert(
      fc.asyncProperty(fc.record({id: fc.anything(), type: fc.anything(), record: fc.anything()}), async event => {
        await events
          .handle(event as MainEvent, 'ann')
          .catch(error => ok(isHostError(error, 'EVENT_INVALID'), String(error)))
      }),
      {numRuns: 100},
    )
    ok(store.events.list({limit: 10}).length < 10)
  }))

test('the list is newest first, by type, and page by page', () =>
  withWorkflow(async ({events}) => {
    for (const id of ['c', 'a', 'b']) await events.handle({...created, id}, 'ann')
    await events.handle({id: 'x', type: 'asset.created', record: {id: '1'}}, 'ann')
    equal(
      events.list().map(({id}) => id),
      ['x', 'b', 'a', 'c'],
    )
    equal(
      events.list({type: 'request.created', limit: 2}).map(({id}) => id),
      ['b', 'a'],
    )
    equal(
      events.list({before: 'b'}).map(({id}) => id),
      ['a', 'c'],
    )
    is(events.get('x').module, 'asset')
  }))

test('an event whose processing failed is processed by its second delivery, or by recovery, once', () =>
  withWorkflow(async test => {
    const {store, queue, parts} = test
    store.rules.save(describeRule({id: 'one', when: {field: 'subject', is: 'notEmpty'}}))
    const {listFields} = parts
    parts.listFields = async () => {
      throw new HostError('MAIN_SERVER_UNAVAILABLE', {reason: 'no answer'})
    }
    test.crash()
    is((await refusal(test.events.handle(created, 'ann'))).code, 'MAIN_SERVER_UNAVAILABLE')
    await test.events.recover()
    is(test.faults.length, 1)
    is(queue.accepted.length, 0)
    parts.listFields = listFields
    test.crash()
    const second = await test.events.handle(created, 'ann')
    is(second.duplicate, false)
    is(second.runs.length, 1)
    await test.events.recover()
    is(queue.accepted.length, 1)
  }))

test.run()
