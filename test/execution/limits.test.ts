import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {CallController} from '../../host/call-signal.ts'
import {HostError} from '../../host/errors.ts'
import {createLimits, decideEntry, type Limits, type Usage, type WantedLimits} from '../../host/execution/limits.ts'
import {NewestTimes} from '../../host/execution/newest-times.ts'
import {createFakeClock} from '../support/fake-clock.ts'

const test = suite('limits')
const FREE: WantedLimits = {
  registration: 'r',
  concurrency: Number.POSITIVE_INFINITY,
  throttle: undefined,
  lock: undefined,
}
const IDLE: Usage = {running: () => 0, isLocked: () => false, beganAt: () => undefined}

function describeThrottle(limit: number, windowMs: number, place = 'r'): WantedLimits {
  return {...FREE, throttle: {limit, windowMs, place}}
}

function enterNow(limits: Limits, wanted: WantedLimits): () => void {
  const entered = limits.tryEnter(wanted)
  if (typeof entered === 'function') return entered
  throw new Error(`Cannot enter: it waits for ${JSON.stringify(entered)}`)
}

/** Lets what was resolved go on. */
const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

test('a call waits for its registration, for a place of its own, or for nothing', () => {
  assert.is(decideEntry(FREE, IDLE, 0), undefined)
  assert.equal(decideEntry({...FREE, concurrency: 2}, {...IDLE, running: () => 2}, 0), {})
  assert.is(decideEntry({...FREE, concurrency: 2}, {...IDLE, running: () => 1}, 0), undefined)
  assert.equal(decideEntry({...FREE, lock: 'ann'}, {...IDLE, isLocked: lock => lock === 'ann'}, 0), {place: 'ann'})
  assert.is(decideEntry({...FREE, lock: 'bob'}, {...IDLE, isLocked: lock => lock === 'ann'}, 0), undefined)
})

test('a throttle lets the next one in when the first of its window has left it', () => {
  const usage = {...IDLE, beganAt: () => 1000}
  assert.equal(decideEntry(describeThrottle(3, 500), usage, 1499), {at: 1500})
  assert.is(decideEntry(describeThrottle(3, 500), usage, 1500), undefined)
  assert.equal(decideEntry(describeThrottle(3, 500, 'r send'), usage, 1200), {at: 1500, place: 'r send'})
})

test('the newest times are kept in a ring of any length', () => {
  const times = new NewestTimes()
  assert.is(times.back(1), undefined)
  for (let time = 1; time <= 7; time++) times.add(time, 3)
  assert.equal([times.back(1), times.back(3), times.back(4)], [7, 5, undefined])
  times.add(8, 5)
  assert.equal([times.back(1), times.back(4), times.back(5)], [8, 5, undefined])
  for (let time = 9; time <= 20; time++) times.add(time, 5)
  assert.is(times.back(5), 16)
  times.add(21, 2)
  assert.equal([times.back(1), times.back(2), times.back(3)], [21, 20, undefined])
})

test('calls with the same lock run in the order they came, those with another go past', async () => {
  const limits = createLimits(createFakeClock())
  const order: string[] = []
  const leaves: {[name: string]: () => void} = {}
  const enter = async (name: string, lock: string): Promise<void> => {
    const {signal} = new CallController()
    leaves[name] = await limits.enter({...FREE, lock}, {deadline: Number.MAX_SAFE_INTEGER, signal, action: 'send'})
    order.push(name)
  }
  const all = [enter('a1', 'a'), enter('a2', 'a'), enter('a3', 'a'), enter('b1', 'b')]
  await settle()
  assert.equal(order, ['a1', 'b1'])
  leaves.a1?.()
  leaves.a1?.()
  await settle()
  assert.equal(order, ['a1', 'b1', 'a2'], 'leaving twice lets one in')
  leaves.a2?.()
  await Promise.all(all)
  assert.equal(order, ['a1', 'b1', 'a2', 'a3'])
})

test('so many at once, and so many begun within a window', async () => {
  const clock = createFakeClock()
  const limits = createLimits(clock)
  const narrow = {...FREE, concurrency: 1}
  const leave = enterNow(limits, narrow)
  assert.equal(limits.tryEnter(narrow), {})
  assert.type(limits.tryEnter({...narrow, registration: 'other'}), 'function')
  leave()
  enterNow(limits, narrow)()

  const throttled = describeThrottle(2, 1000, 't')
  enterNow(limits, throttled)()
  clock.advance(400)
  enterNow(limits, throttled)()
  assert.equal(limits.tryEnter(throttled), {at: clock.now() + 600, place: 't'})
  const began: number[] = []
  const {signal} = new CallController()
  const enter = async (): Promise<void> => {
    const done = await limits.enter(throttled, {deadline: clock.now() + 60_000, signal, action: 'send'})
    began.push(clock.now())
    done()
  }
  const start = clock.now()
  const waiting = [enter(), enter(), enter()]
  for (const ms of [599, 1, 400, 600]) {
    clock.advance(ms)
    await settle()
  }
  await Promise.all(waiting)
  assert.equal(
    began.map(time => time - start),
    [600, 1000, 1600],
  )
  clock.advance(60_000)
  assert.is(clock.timers, 0)
})

test('one that waits ends at its deadline, never sent, or when it is given up', async () => {
  const clock = createFakeClock()
  const limits = createLimits(clock)
  const held = enterNow(limits, {...FREE, lock: 'ann'})
  const {signal} = new CallController()
  const late = limits.enter({...FREE, lock: 'ann'}, {deadline: clock.now() + 50, signal, action: 'send'})
  const controller = new CallController()
  const options = {deadline: clock.now() + 1e6, signal: controller.signal, action: 'send'}
  const given = limits.enter({...FREE, lock: 'ann'}, options)
  const ends = Promise.allSettled([late, given])
  clock.advance(50)
  controller.abort(new HostError('EXECUTION_CANCELLED', {action: 'send'}))
  const [timedOut, cancelled] = await ends
  const reasons = [timedOut, cancelled].map(end => (end?.status === 'rejected' ? (end.reason as HostError) : undefined))
  assert.equal(
    reasons.map(reason => reason?.code),
    ['EXECUTION_TIMED_OUT', 'EXECUTION_CANCELLED'],
  )
  assert.is(reasons[0]?.details.sent, false)
  held()
  assert.type(limits.tryEnter({...FREE, lock: 'ann'}), 'function', 'nobody waits any more')
})

test.run()
