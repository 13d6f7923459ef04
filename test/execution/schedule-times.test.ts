import {suite} from 'uvu'
import {equal, is, match, not, ok} from 'uvu/assert'
import {decideDue, jitterOf, LATE_MS} from '../../host/execution/schedules/decide-due.ts'
import {refusal} from '../support/refusal.ts'
import {HOUR, withSchedules} from '../support/schedules.ts'

const test = suite('schedule-times')

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

test.run()
