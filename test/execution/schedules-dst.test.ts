import {suite} from 'uvu'
import {equal, is, not, ok} from 'uvu/assert'
import {createSchedules} from '../../host/execution/schedules/schedules.ts'
import type {ExecuteRequest} from '../../host/types.ts'
import {createFakeClock} from '../support/fake-clock.ts'
import {withStore} from '../support/store.ts'
import {findInstant, listChanges, showWallTime} from '../support/wall-clock.ts'
import {createTestQueue, settle} from '../support/workflow-queue.ts'

const test = suite('schedules-dst')
const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Both changes of 2026 and 2027, each with the times that it skips or repeats. */
const CHANGES = (['Europe/Berlin', 'America/New_York'] as const).flatMap(timeZone =>
  listChanges(timeZone, Date.UTC(2026, 0, 1), 4).map(change => {
    const {date} = showWallTime(change, timeZone)
    const isSpring = offsetAt(change, timeZone) > offsetAt(change - 1, timeZone)
    return {timeZone, change, date, isSpring}
  }),
)

function offsetAt(at: number, timeZone: string): number {
  const {date, hour, minute} = showWallTime(at, timeZone)
  return Date.parse(`${date}T00:00:00Z`) + (hour * 60 + minute) * MINUTE - Math.floor(at / MINUTE) * MINUTE
}

/** The planned times of a schedule's runs. */
function plannedTimes(accepted: {request: ExecuteRequest}[], id: string): number[] {
  return accepted
    .map(({request}) => /^schedule\/(.+)\/(\d+)$/.exec(request.idempotencyKey ?? ''))
    .filter(found => found?.[1] === id)
    .map(found => Number(found?.[2]))
}

/** Lives through the day of the change and the one after, with a server that is restarted every so often. */
async function liveThrough(
  {timeZone, date, change}: (typeof CHANGES)[number],
  crons: {[id: string]: string},
  restartMs: number,
): Promise<{[id: string]: number[]}> {
  return withStore(async ({store}) => {
    const from = findInstant(date, 0, 0, timeZone) - MINUTE
    const to = findInstant(showWallTime(change + 24 * HOUR, timeZone).date, 23, 59, timeZone)
    const clock = createFakeClock(from)
    const queue = createTestQueue(store)
    const open = () =>
      createSchedules({
        clock,
        store,
        queue,
        findExecution: queue.find,
        checkCall: () => {},
        onError: error => {
          throw error
        },
      })
    let schedules = open()
    for (const [id, cron] of Object.entries(crons))
      await schedules.verbs.createSchedule({id, name: id, registration: 'echo', action: 'say', cron, timeZone})
    schedules.start()
    for (let restartAt = from + restartMs; clock.now() < to; ) {
      clock.advance(MINUTE)
      await settle()
      for (const {id} of queue.accepted) if (queue.find(id)?.endedAt === null) queue.end(id)
      if (clock.now() < restartAt) continue
      restartAt += restartMs
      queue.forget()
      await schedules.stop()
      schedules = open()
      schedules.start()
    }
    await schedules.stop()
    return Object.fromEntries(Object.keys(crons).map(id => [id, plannedTimes(queue.accepted, id)]))
  })
}

/** Throws unless a daily time came once on each of both days, at that time where the clocks show it. */
function checkDaily(times: number[], time: string, {timeZone, date, change}: (typeof CHANGES)[number]): void {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  const dates = [date, showWallTime(change + 24 * HOUR, timeZone).date]
  equal(
    times.map(at => showWallTime(at, timeZone).date),
    dates,
    'once a day',
  )
  equal(
    times,
    dates.map(each => findInstant(each, hour, minute, timeZone)),
    'at its time',
  )
}

/** Throws unless it ran in each real hour of both days. */
function checkHourly(
  times: number[],
  minute: number,
  {timeZone, date, change, isSpring}: (typeof CHANGES)[number],
): void {
  is(times.length, isSpring ? 47 : 49)
  for (const [index, at] of times.entries()) {
    is(showWallTime(at, timeZone).minute, minute)
    if (index > 0) is(at - (times[index - 1] ?? 0), HOUR)
  }
  is(showWallTime(times[0] ?? 0, timeZone).date, date)
  ok(times.some(at => at >= change) && times.some(at => at < change))
}

test('the changes are those of the calendar', () => {
  equal(
    CHANGES.map(({timeZone, date, isSpring}) => `${timeZone} ${date} ${isSpring ? 'forward' : 'back'}`),
    [
      'Europe/Berlin 2026-03-29 forward',
      'Europe/Berlin 2026-10-25 back',
      'Europe/Berlin 2027-03-28 forward',
      'Europe/Berlin 2027-10-31 back',
      'America/New_York 2026-03-08 forward',
      'America/New_York 2026-11-01 back',
      'America/New_York 2027-03-14 forward',
      'America/New_York 2027-11-07 back',
    ],
  )
})

const CRONS = {
  'half-past-one': '30 1 * * *',
  'half-past-two': '30 2 * * *',
  midnight: '0 0 * * *',
  noon: '0 12 * * *',
  hourly: '30 * * * *',
}

for (const each of CHANGES) {
  const {timeZone, date} = each
  test(`${timeZone} ${date}: daily runs once a day, hourly in each hour`, async () => {
    const times = await liveThrough(each, CRONS, 1000 * HOUR)
    checkDaily(times['half-past-one'] ?? [], '01:30', each)
    checkDaily(times['half-past-two'] ?? [], '02:30', each)
    checkDaily(times.midnight ?? [], '00:00', each)
    checkDaily(times.noon ?? [], '12:00', each)
    checkHourly(times.hourly ?? [], 30, each)
  })
}

for (const each of CHANGES.filter(({date}) => date.startsWith('2026'))) {
  test(`${each.timeZone} ${each.date}: the same, with a server restarted every seven minutes`, async () => {
    const times = await liveThrough(each, {daily: '30 2 * * *', hourly: '30 * * * *'}, 7 * MINUTE)
    checkDaily(times.daily ?? [], '02:30', each)
    checkHourly(times.hourly ?? [], 30, each)
  })
}

/** What is often written: the offset from UTC as it was when the schedule was made. */
function listNaive(time: string, {timeZone, date, change}: (typeof CHANGES)[number]): number[] {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  const offset = offsetAt(findInstant(date, 0, 0, timeZone) - MINUTE, timeZone)
  const first = Date.parse(`${date}T00:00:00Z`) + (hour * 60 + minute) * MINUTE - offset
  return [first, first + 24 * HOUR].filter(at => at <= change + 48 * HOUR)
}

test('arithmetic on the offset from UTC fails the same check, at every change', () => {
  for (const each of CHANGES) {
    let failed = false
    try {
      checkDaily(listNaive('02:30', each), '02:30', each)
    } catch {
      failed = true
    }
    ok(failed, `${each.timeZone} ${each.date}`)
    not.equal(listNaive('02:30', each), [])
  }
})

test.run()
