import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {CallController} from '../../../host/call-signal.ts'
import type {Claimed, Entry} from '../../../host/execution/queue/lane.ts'
import {Pending} from '../../../host/execution/queue/pending.ts'
import {describeExecution} from '../../support/store.ts'

const test = suite('pending')
const take = (entry: Entry): Claimed<string> => ({taken: entry.execution.execution})

function makeEntry(execution: string, registration = 'r', change: Partial<Entry> = {}): Entry {
  return {
    execution: describeExecution({execution, registration, startedAt: 1000, endedAt: null}),
    request: {registration, action: 'send', input: {}},
    controller: new CallController(),
    dueAt: 0,
    started: false,
    ...change,
  }
}

function fill(pending: Pending, registration: string, ids: readonly string[]): void {
  for (const id of ids) pending.add(makeEntry(id, registration), 0)
}

function takeAll(pending: Pending, now = 0, claim = take): string[] {
  const taken: string[] = []
  for (let id = pending.take(now, claim); id !== undefined; id = pending.take(now, claim)) taken.push(id)
  return taken
}

test('registrations take turns; each keeps the order in which its own were accepted', () => {
  const pending = new Pending(10)
  fill(pending, 'long', ['a1', 'a2', 'a3', 'a4'])
  fill(pending, 'short', ['b2', 'b1'])
  assert.equal(takeAll(pending), ['a1', 'b1', 'a2', 'b2', 'a3', 'a4'])
  assert.is(pending.size, 0)
})

test('no registration has more than its share at once', () => {
  const pending = new Pending(2)
  fill(pending, 'a', ['a1', 'a2', 'a3'])
  fill(pending, 'b', ['b1'])
  assert.equal(takeAll(pending), ['a1', 'b1', 'a2'])
  pending.finish('b', 0, false)
  assert.equal(takeAll(pending), [])
  pending.finish('a', 0, false)
  assert.equal(takeAll(pending), ['a3'])
})

test('those that wait for a place let the others past, however many they are, and keep their own order', () => {
  const pending = new Pending(5000)
  const locked = new Set(['ann'])
  const claim = (entry: Entry): Claimed<string> => {
    const [user = ''] = entry.execution.execution.split('-').slice(1)
    return locked.has(user) ? {blocked: 'place', place: user} : take(entry)
  }
  fill(
    pending,
    'r',
    Array.from({length: 1000}, (_, number) => `${1000 + number}-ann`),
  )
  fill(pending, 'r', ['3000-bob', '3001-ann'])
  let found: string[] = []
  for (let turn = 0; turn < 10 && found.length === 0; turn++) found = takeAll(pending, 0, claim)
  assert.equal(found, ['3000-bob'])
  locked.clear()
  const rest = takeAll(pending, 0, claim)
  assert.is(rest.length, 1001)
  assert.equal(rest, rest.toSorted())
})

test('a registration that is full is not looked through', () => {
  const pending = new Pending(10)
  fill(pending, 'full', ['a1', 'a2', 'a3'])
  fill(pending, 'free', ['b1'])
  const asked: string[] = []
  const claim = (entry: Entry): Claimed<string> => {
    asked.push(entry.execution.execution)
    return entry.execution.registration === 'full' ? {blocked: 'registration'} : take(entry)
  }
  assert.is(pending.take(0, claim), 'b1')
  assert.equal(asked, ['a1', 'b1'])
})

test('what is held is tried again with one, later each time, and goes on when that went well', () => {
  const pending = new Pending(10)
  fill(pending, 'r', ['a1', 'a2', 'a3', 'a4'])
  assert.is(takeAll(pending, 0).length, 4)
  // All four were under way when the plugin went: that is one hold, not four.
  for (const id of ['a4', 'a2', 'a1', 'a3']) {
    pending.finish('r', 0, true)
    pending.add(makeEntry(id), 0)
  }
  assert.equal(takeAll(pending, 249), [])
  assert.is(pending.nextDue(0), 250)
  assert.equal(takeAll(pending, 250), ['a1'])
  pending.finish('r', 250, true)
  pending.add(makeEntry('a1'), 250)
  assert.equal(takeAll(pending, 749), [])
  assert.equal(takeAll(pending, 750), ['a1'])
  pending.finish('r', 750, false)
  assert.equal(takeAll(pending, 750), ['a2', 'a3', 'a4'])
})

test('what is due later waits until then, and goes before what was accepted after it', () => {
  const pending = new Pending(10)
  pending.add(makeEntry('a2', 'r', {dueAt: 500}), 0)
  pending.add(makeEntry('a1', 'r', {dueAt: 900}), 0)
  assert.is(pending.nextDue(0), 500)
  fill(pending, 'r', ['a3'])
  assert.equal([pending.size, pending.oldestAgeMs(3000)], [3, 2000])
  assert.equal(takeAll(pending, 499), ['a3'])
  fill(pending, 'r', ['a4'])
  assert.equal(takeAll(pending, 900), ['a1', 'a2', 'a4'])
  assert.is(pending.nextDue(900), undefined)
})

test('what was removed is passed over', () => {
  const pending = new Pending(10)
  fill(pending, 'r', ['a1', 'a2'])
  pending.add(makeEntry('a3', 'r', {dueAt: 500}), 0)
  for (const id of ['a1', 'a3']) pending.remove(id)
  assert.equal([pending.find('a1'), pending.size, pending.oldestAgeMs(1000)], [undefined, 1, 0])
  assert.equal(takeAll(pending, 1000), ['a2'])
})

test.run()
