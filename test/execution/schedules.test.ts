import {suite} from 'uvu'
import {equal, is, match, not, ok, unreachable} from 'uvu/assert'
import {HostError} from '../../host/errors.ts'
import {decideDue, jitterOf, LATE_MS} from '../../host/execution/schedules/decide-due.ts'
import {createSchedules, type Schedules} from '../../host/execution/schedules/schedules.ts'
import type {Schedule, ScheduleDefinition} from '../../host/types.ts'
import {type StoreTest, withStore} from '../support/store.ts'
import {createTestQueue, settle, type TestQueue} from '../support/workflow-queue.ts'

const test = suite('schedules')
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DEFINITION: ScheduleDefinition = {
  name: 'Pull assets',
  registration: 'echo',
  action: 'say',
  cron: '0 * * * *',
  timeZone: 'Europe/Berlin',
}

interface ScheduleTest extends StoreTest {
  queue: TestQueue
  schedules: Schedules
  faults: unknown[]
  /** Forgets all that is in memory, as a crash does. */
  crash(): void
  add(change?: Partial<ScheduleDefinition>): Promise<Schedule>
  get(): Schedule
  pass(minutes: number): Promise<void>
}

function withSchedules(run: (test: ScheduleTest) => Promise<void>): Promise<void> {
  return withStore(async tested => {
    const {store, clock} = tested
    clock.advance(HOUR - (clock.now() % HOUR) + MINUTE)
    const queue = createTestQueue(store)
    const faults: unknown[] = []
    const open = (): Schedules => {
      const onError = (error: unknown): void => void faults.push(error)
      return createSchedules({clock, store, queue, findExecution: queue.find, checkCall: () => {}, onError})
    }
    const test: ScheduleTest = {
      ...tested,
      queue,
      faults,
      schedules: open(),
      crash() {
        queue.forget()
        test.schedules = open()
      },
      add: change => test.schedules.verbs.createSchedule({id: 'pull', ...DEFINITION, ...change}),
      get: () => test.schedules.verbs.getSchedule('pull'),
      async pass(minutes) {
        for (let passed = 0; passed < minutes; passed++) {
          clock.advance(MINUTE)
          await settle()
        }
      },
    }
    await run(test)
    await test.schedules.stop()
  })
}

async function refusal(work: Promise<unknown>): Promise<HostError> {
  const error = await work.then(
    () => unreachable('it was accepted'),
    (reason: unknown) => reason,
  )
  ok(error instanceof HostError, String(error))
  return error
}

test('a schedule runs at its time, and tells its next and last run and what that came to', () =>
  withSchedules(async tested => {
    const {clock, queue} = tested
    const made = await tested.add({input: {deep: true}})
    is(made.nextAt, clock.now() + 59 * MINUTE)
    is(made.lastStatus, null)
    tested.schedules.start()
    await tested.pass(58)
    is(queue.accepted.length, 0)
    await tested.pass(1)
    const request = queue.accepted[0]?.request
    equal(request?.input, {deep: true})
    equal(request?.origin, {kind: 'schedule', id: 'pull'})
    const queued = tested.get()
    is(queued.lastStatus, 'queued')
    is(queued.lastAt, clock.now())
    is(queued.nextAt, clock.now() + HOUR)
    queue.end('e00001', {status: 'failed', message: 'no answer'})
    equal([tested.get().lastStatus, tested.get().lastMessage], ['failed', 'no answer'])
    not('waitingAt' in queued)
  }))

test('after a time of not running, catchUp one runs once and none not at all', () =>
  withSchedules(async tested => {
    await tested.add()
    await tested.schedules.verbs.createSchedule({...DEFINITION, id: 'strict', name: 'Strict', catchUp: 'none'})
    tested.clock.advance(10 * HOUR)
    tested.crash()
    tested.schedules.start()
    await settle()
    equal(
      tested.queue.accepted.map(({request}) => request.origin?.id),
      ['pull'],
    )
    const strict = tested.schedules.verbs.getSchedule('strict')
    is(strict.lastStatus, 'skipped')
    match(strict.lastMessage, /missed/)
    is(strict.nextAt, tested.get().nextAt)
    await tested.pass(60)
    is(tested.queue.accepted.length, 2, 'the other one is skipped: its run before has not ended')
  }))

test('a server that ends around a run runs it neither twice nor never', async () => {
  for (const when of ['before', 'after'] as const) {
    await withSchedules(async tested => {
      const {queue} = tested
      await tested.add()
      const {submit} = queue
      queue.submit = async (...asked) => {
        if (when === 'after') await submit(...asked)
        return new Promise(() => {})
      }
      tested.schedules.start()
      await tested.pass(59)
      queue.submit = submit
      tested.crash()
      tested.schedules.start()
      await tested.pass(5)
      is(queue.accepted.length, 1, when)
    })
  }
})

test('while a run goes on the next one is skipped, or one waits for it', () =>
  withSchedules(async tested => {
    const {queue} = tested
    await tested.add()
    await tested.schedules.verbs.createSchedule({...DEFINITION, id: 'patient', name: 'Patient', overlap: 'queue'})
    tested.schedules.start()
    await tested.pass(59 + 180)
    const count = (id: string): number => queue.accepted.filter(({request}) => request.origin?.id === id).length
    equal([count('pull'), count('patient')], [1, 1])
    is(tested.get().lastStatus, 'skipped')
    match(tested.schedules.verbs.getSchedule('patient').lastMessage, /waits/)
    for (const {id} of [...queue.accepted]) queue.end(id)
    await settle()
    equal([count('pull'), count('patient')], [1, 2], 'three were due, one waited')
    is(tested.get().lastStatus, 'succeeded')
  }))

test('a run that waits is not lost with the server', () =>
  withSchedules(async tested => {
    await tested.add({overlap: 'queue'})
    tested.schedules.start()
    await tested.pass(59 + 60)
    tested.queue.forget()
    tested.queue.end('e00001')
    tested.crash()
    tested.schedules.start()
    await settle()
    is(tested.queue.accepted.length, 2)
    await tested.pass(5)
    is(tested.queue.accepted.length, 2)
  }))

test('what the queue refuses is told, and the next time comes', () =>
  withSchedules(async tested => {
    await tested.add()
    tested.queue.judge = () => {
      throw new HostError('REGISTRATION_DISABLED', {id: 'echo'})
    }
    tested.schedules.start()
    await tested.pass(59)
    is(tested.get().lastStatus, 'refused')
    match(tested.get().lastMessage, /disabled/)
    tested.queue.judge = () => {}
    await tested.pass(60)
    is(tested.queue.accepted.length, 1)
    is(tested.faults.length, 0)
  }))

test('what cannot be written is tried again, not at once, and runs once', () =>
  withSchedules(async tested => {
    await tested.add()
    tested.queue.judge = () => {
      throw new HostError('HOST_STORE_FAILED', {reason: 'the disk is full'})
    }
    tested.schedules.start()
    await tested.pass(59 + 5)
    ok(tested.faults.length >= 3 && tested.faults.length <= 6, String(tested.faults.length))
    tested.queue.judge = () => {}
    await tested.pass(2)
    is(tested.queue.accepted.length, 1)
  }))

test('a schedule that is switched off, changed or removed keeps to that', () =>
  withSchedules(async tested => {
    const {verbs} = tested.schedules
    await tested.add()
    tested.schedules.start()
    is((await verbs.updateSchedule('pull', {enabled: false})).nextAt, null)
    await tested.pass(120)
    is(tested.queue.accepted.length, 0)
    const on = await verbs.updateSchedule('pull', {enabled: true, cron: '*/10 * * * *'})
    is(on.nextAt, tested.clock.now() + 9 * MINUTE)
    await tested.pass(9)
    is(tested.queue.accepted.length, 1)
    is((await verbs.updateSchedule('pull', {name: 'Renamed'})).nextAt, tested.clock.now() + 10 * MINUTE)
    await verbs.removeSchedule('pull')
    await tested.pass(30)
    is(tested.queue.accepted.length, 1)
    is((await refusal(verbs.removeSchedule('pull'))).code, 'SCHEDULE_NOT_FOUND')
  }))

test('run now runs besides the times; a second click is refused, or waits', () =>
  withSchedules(async tested => {
    const {verbs} = tested.schedules
    const {nextAt} = await tested.add({enabled: false})
    const now = await verbs.runSchedule('pull', 'ann')
    is(now.lastStatus, 'queued')
    is(now.nextAt, nextAt)
    is(tested.queue.accepted[0]?.request.by, 'ann')
    is((await refusal(verbs.runSchedule('pull', 'ann'))).code, 'SCHEDULE_REFUSED')
    await verbs.updateSchedule('pull', {overlap: 'queue', enabled: true})
    await verbs.runSchedule('pull', 'ann')
    await verbs.runSchedule('pull', 'ann')
    is(tested.queue.accepted.length, 1)
    tested.queue.end('e00001')
    await settle()
    is(tested.queue.accepted.length, 2)
  }))

test('what is no schedule is refused in words', () =>
  withSchedules(async tested => {
    const wrong: [object, RegExp][] = [
      [{name: ''}, /name/],
      [{cron: '* * *'}, /five fields/],
      [{cron: undefined}, /cron/],
      [{timeZone: 'Mars/One'}, /time zone/],
      [{timeZone: undefined}, /timeZone/],
      [{cron: '0 0 30 2 *'}, /never comes/],
      [{jitterMs: -1}, /jitterMs/],
      [{jitterMs: 1.5}, /jitterMs/],
      [{catchUp: 'all'}, /catchUp/],
      [{overlap: 'both'}, /overlap/],
      [{enabled: 'yes'}, /enabled/],
      [{id: 'No Id'}, /id/],
    ]
    for (const [change, reason] of wrong) {
      const error = await refusal(tested.add(change))
      is(error.code, 'SCHEDULE_INVALID')
      match(error.message, reason)
    }
    await tested.add()
    is((await refusal(tested.add())).code, 'SCHEDULE_EXISTS')
    is((await refusal(tested.schedules.verbs.updateSchedule('pull', {cron: 'x'}))).code, 'SCHEDULE_INVALID')
  }))

test('the preview tells the next times', () =>
  withSchedules(async tested => {
    const from = Date.UTC(2026, 2, 28)
    const {times} = tested.schedules.verbs.previewSchedule({
      cron: '30 2 * * *',
      timeZone: 'Europe/Berlin',
      from,
      count: 3,
    })
    equal(
      times.map(at => new Date(at).toISOString()),
      ['2026-03-28T01:30:00.000Z', '2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z'],
    )
  }))

const PLANNED = {id: 'pull', cron: '0 * * * *', timeZone: 'UTC', catchUp: 'one' as const, jitterMs: 0, plannedAt: null}
const NOON = Date.UTC(2026, 5, 1, 12)

test('a clock set back brings no run twice; one that was wrong by days does not stop the schedule', () => {
  const after = {...PLANNED, plannedAt: NOON, nextAt: NOON + HOUR}
  equal(decideDue(after, NOON - 5000), {kind: 'wait', nextAt: NOON + HOUR, dueAt: NOON + HOUR})
  equal(decideDue(after, NOON - 3 * HOUR + 1), {kind: 'wait', nextAt: NOON + HOUR, dueAt: NOON + HOUR})
  const ahead = {...PLANNED, plannedAt: NOON + 400 * 24 * HOUR, nextAt: NOON + 400 * 24 * HOUR + HOUR}
  equal(decideDue(ahead, NOON + 1), {kind: 'wait', nextAt: NOON + HOUR, dueAt: NOON + HOUR})
  const unrun = {...PLANNED, nextAt: NOON + 5 * HOUR}
  equal(decideDue(unrun, NOON + 1), {kind: 'wait', nextAt: NOON + HOUR, dueAt: NOON + HOUR})
})

test('a run is late only after a while, and one stands for all that were missed', () => {
  const strict = {...PLANNED, catchUp: 'none' as const, nextAt: NOON}
  equal(decideDue(strict, NOON + LATE_MS), {kind: 'run', plannedAt: NOON, nextAt: NOON + HOUR})
  equal(decideDue(strict, NOON + LATE_MS + 1), {kind: 'missed', plannedAt: NOON, nextAt: NOON + HOUR})
  const patient = {...PLANNED, nextAt: NOON}
  equal(decideDue(patient, NOON + 10 * HOUR), {kind: 'run', plannedAt: NOON, nextAt: NOON + 11 * HOUR})
})

test('jitter is within its bounds, differs by schedule and time, and is the same after a restart', () => {
  const all = Array.from({length: 500}, (_, index) => jitterOf({id: 'pull', jitterMs: 1000}, NOON + index * HOUR))
  ok(all.every(wait => Number.isInteger(wait) && wait >= 0 && wait <= 1000))
  ok(Math.min(...all) < 50 && Math.max(...all) > 950 && new Set(all).size > 300)
  is(jitterOf({id: 'pull', jitterMs: 1000}, NOON), all[0])
  not.equal(jitterOf({id: 'push', jitterMs: 1_000_000}, NOON), jitterOf({id: 'pull', jitterMs: 1_000_000}, NOON))
  is(jitterOf({id: 'pull', jitterMs: 0}, NOON), 0)
  const due = decideDue({...PLANNED, nextAt: NOON, jitterMs: 1000}, NOON)
  is(due.kind, 'wait')
  is('dueAt' in due && due.dueAt, NOON + (all[0] ?? 0))
})

test('a run that is a year away is waited for in short looks', () =>
  withSchedules(async tested => {
    await tested.add({cron: '0 0 29 2 *'})
    tested.schedules.start()
    is(tested.clock.timers, 1)
    await tested.pass(3)
    is(tested.clock.timers, 1)
    is(tested.queue.accepted.length, 0)
    await tested.schedules.stop()
    is(tested.clock.timers, 0)
  }))

test.run()
