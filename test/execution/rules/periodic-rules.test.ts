import {suite} from 'uvu'
import {equal, is, ok} from 'uvu/assert'
import {HostError} from '../../../host/errors.ts'
import {createPeriodicRules} from '../../../host/execution/rules/periodic-rules.ts'
import type {Timetable} from '../../../host/execution/schedules/timetable.ts'
import type {MainRecord} from '../../../host/types.ts'
import {describeRule, type WorkflowTest, withWorkflow} from '../../support/workflow.ts'
import {settle} from '../../support/workflow-queue.ts'

const test = suite('periodic-rules')
const MINUTE = 60_000
const HOURLY = {kind: 'period' as const, cron: '0 * * * *', timeZone: 'Europe/Berlin', module: 'request' as const}
const RULE = describeRule({id: 'stale', trigger: HOURLY, when: {field: 'status', is: 'equal', value: 'open'}})

interface Records {
  all: MainRecord[]
  down: boolean
}

function createPeriods({parts, runs}: WorkflowTest, records: Records): Timetable {
  return createPeriodicRules({
    ...parts,
    runs,
    onLook: () => {},
    async search(_module, {limit = 100, offset = 0}) {
      if (records.down) throw new HostError('MAIN_SERVER_UNAVAILABLE', {reason: 'no answer'})
      return {items: records.all.slice(offset, offset + limit), total: records.all.length}
    },
  })
}

function makeRecords(count: number): MainRecord[] {
  return Array.from({length: count}, (_, index) => ({
    id: String(index + 1),
    subject: `no. ${index + 1}`,
    status: index % 2 === 0 ? 'open' : 'closed',
  }))
}

async function pass({clock}: WorkflowTest, minutes: number): Promise<void> {
  for (let passed = 0; passed < minutes; passed++) {
    clock.advance(MINUTE)
    await settle()
  }
}

async function endAll({queue}: WorkflowTest): Promise<void> {
  for (const {id} of queue.accepted) if (queue.find(id)?.endedAt === null) queue.end(id)
  await settle()
}

test('each period starts a run for each record that fits', () =>
  withWorkflow(async tested => {
    const {store, queue} = tested
    store.rules.save(RULE)
    const periods = createPeriods(tested, {all: makeRecords(5), down: false})
    periods.start()
    await pass(tested, 60)
    equal(
      queue.accepted.map(({request}) => [request.record, request.by]),
      [
        ['request:1', 'schedule'],
        ['request:3', 'schedule'],
        ['request:5', 'schedule'],
      ],
    )
    await endAll(tested)
    await pass(tested, 60)
    is(queue.accepted.length, 6)
    const rule = store.rules.find('stale')
    ok(rule?.nextAt && rule.lastAt && rule.nextAt > rule.lastAt)
    await periods.stop()
  }))

test('no more than the limit, also over pages', () =>
  withWorkflow(async tested => {
    tested.store.rules.save({...RULE, trigger: {...HOURLY, limit: 70}})
    const periods = createPeriods(tested, {all: makeRecords(250), down: false})
    periods.start()
    await pass(tested, 60)
    is(tested.queue.accepted.length, 70)
    await periods.stop()
  }))

test('a period is passed over while runs of the one before go on', () =>
  withWorkflow(async tested => {
    tested.store.rules.save(RULE)
    const periods = createPeriods(tested, {all: makeRecords(2), down: false})
    periods.start()
    await pass(tested, 180)
    is(tested.queue.accepted.length, 1)
    await endAll(tested)
    await pass(tested, 60)
    is(tested.queue.accepted.length, 2)
    await periods.stop()
  }))

test('while the main server does not answer it is tried again, and runs once', () =>
  withWorkflow(async tested => {
    tested.store.rules.save(RULE)
    const records = {all: makeRecords(1), down: true}
    const periods = createPeriods(tested, records)
    periods.start()
    await pass(tested, 65)
    ok(tested.faults.length > 1 && tested.faults.length < 65, String(tested.faults.length))
    records.down = false
    await pass(tested, 3)
    is(tested.queue.accepted.length, 1)
    await periods.stop()
  }))

test('after a time of not running it runs once, and after a crash not twice', () =>
  withWorkflow(async tested => {
    const {store, queue, clock} = tested
    store.rules.save(RULE)
    const records = {all: makeRecords(3), down: false}
    const before = createPeriods(tested, records)
    before.start()
    await before.stop()
    clock.advance(300 * MINUTE)
    const {submit} = queue
    queue.submit = async (...asked) => {
      await submit(...asked)
      return new Promise(() => {})
    }
    createPeriods(tested, records).start()
    await settle()
    is(queue.accepted.length, 2)
    queue.submit = submit
    tested.crash()
    await endAll(tested)
    const after = createPeriods(tested, records)
    after.start()
    await settle()
    await pass(tested, 1)
    is(queue.accepted.length, 2)
    await after.stop()
  }))

test.run()
