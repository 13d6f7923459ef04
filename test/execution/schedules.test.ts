import {suite} from 'uvu'
import {equal, is, match, not, ok} from 'uvu/assert'
import {HostError} from '../../host/errors.ts'
import {refusal} from '../support/refusal.ts'
import {DEFINITION, HOUR, MINUTE, withSchedules} from '../support/schedules.ts'
import {settle} from '../support/workflow-queue.ts'

const test = suite('schedules')

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
