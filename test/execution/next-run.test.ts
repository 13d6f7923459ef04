import fc from 'fast-check'
import {suite} from 'uvu'
import {equal, is, ok, throws} from 'uvu/assert'
import {isHostError} from '../../host/errors.ts'
import {listRuns, nextRun} from '../../host/execution/schedules/next-run.ts'
import {findInstant, listChanges, listDates, showWallTime} from '../support/wall-clock.ts'

const test = suite('next-run')
const MINUTE = 60_000
const DAY = 86_400_000
const FROM = Date.UTC(2026, 0, 1)

/** With changes of half an hour and two, at midnight, on other days, in the south, and none. */
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'America/Havana',
  'America/Santiago',
  'Antarctica/Troll',
  'Asia/Beirut',
  'Asia/Kolkata',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Australia/Lord_Howe',
  'Atlantic/Azores',
  'UTC',
]

interface Field {
  text: string
  values: number[]
}

function field(count: number): fc.Arbitrary<Field> {
  const all = Array.from({length: count}, (_, value) => value)
  const one = fc.nat(count - 1).map(value => ({text: String(value), values: [value]}))
  const list = fc
    .uniqueArray(fc.nat(count - 1), {minLength: 2, maxLength: 4})
    .map(values => ({text: values.join(','), values}))
  const range = fc.tuple(fc.nat(count - 1), fc.nat(count - 1), fc.integer({min: 1, max: 9})).map(([a, b, step]) => {
    const [from, to] = [Math.min(a, b), Math.max(a, b)]
    const values = all.filter(value => value >= from && value <= to && (value - from) % step === 0)
    return {text: step === 1 ? `${from}-${to}` : `${from}-${to}/${step}`, values}
  })
  const step = fc
    .integer({min: 1, max: count})
    .map(by => ({text: `*/${by}`, values: all.filter(value => value % by === 0)}))
  return fc.oneof(one, list, range, step, fc.constant({text: '*', values: all}))
}

const weekdays: fc.Arbitrary<Field> = fc.oneof(
  fc.constant<Field>({text: '*', values: [0, 1, 2, 3, 4, 5, 6]}),
  fc.uniqueArray(fc.nat(6), {minLength: 1, maxLength: 4}).map(values => ({text: values.join(','), values})),
)

/** What the rule of docs/workflow.md says, minute by minute, from another calendar. */
function listExpected(
  {minute, hour, weekday}: {minute: Field; hour: Field; weekday: Field},
  timeZone: string,
  [from, to]: [number, number],
): number[] {
  const found = new Set<number>()
  if (hour.values.length === 24) {
    for (let at = from + MINUTE; at <= to; at += MINUTE) {
      const shown = showWallTime(at, timeZone)
      if (minute.values.includes(shown.minute) && weekday.values.includes(shown.weekday)) found.add(at)
    }
  } else {
    const dates = listDates(showWallTime(from - DAY, timeZone).date, Math.ceil((to - from) / DAY) + 3)
    for (const date of dates.filter(each => weekday.values.includes(new Date(each).getUTCDay())))
      for (const each of hour.values) for (const at of minute.values) found.add(findInstant(date, each, at, timeZone))
  }
  return [...found].filter(at => at > from && at <= to).sort((one, other) => one - other)
}

function listUntil(cron: string, timeZone: string, [from, to]: [number, number]): number[] {
  const times: number[] = []
  for (let at = nextRun(cron, timeZone, from); at !== null && at <= to; at = nextRun(cron, timeZone, at)) times.push(at)
  return times
}

test('around every change of the clocks a cron runs as the rule says, by another calendar', () => {
  const changes = ZONES.flatMap(timeZone => listChanges(timeZone, FROM, 6).map(change => ({timeZone, change})))
  ok(changes.length > 50)
  fc.assert(
    fc.property(fc.constantFrom(...changes), field(60), field(24), weekdays, (at, minute, hour, weekday) => {
      const {timeZone, change} = at
      const window: [number, number] = [change - 20 * 60 * MINUTE, change + 16 * 60 * MINUTE]
      const found = listUntil(`${minute.text} ${hour.text} * * ${weekday.text}`, timeZone, window)
      equal(found, listExpected({minute, hour, weekday}, timeZone, window))
    }),
    {numRuns: 300},
  )
})

test('times strictly rise, whatever the cron and wherever one asks from', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.tuple(field(60), field(60), field(24), weekdays),
      fc.integer({min: FROM, max: FROM + 800 * DAY}),
      (timeZone, fields, from) => {
        const [second, minute, hour, weekday] = fields.map(({text}) => text)
        const cron = `${second} ${minute} ${hour} * * ${weekday}`
        let before = from
        for (const at of listRuns({cron, timeZone}, from, 20)) {
          ok(at > before, `${cron} in ${timeZone}: ${at} after ${before}`)
          is(nextRun(cron, timeZone, at - 1), at)
          before = at
        }
      },
    ),
    {numRuns: 200},
  )
})

test('a daily cron runs once on each of 800 days, at its time unless the clocks skip that', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), fc.nat(23), fc.nat(59), (timeZone, hour, minute) => {
      const dates = listDates('2026-01-02', 800)
      const from = findInstant('2026-01-02', 0, 0, timeZone) - 1
      const times = listRuns({cron: `${minute} ${hour} * * *`, timeZone}, from, 800)
      equal(
        times.map(at => showWallTime(at, timeZone).date),
        dates,
      )
      const odd = times.filter(at => at !== findInstant(showWallTime(at, timeZone).date, hour, minute, timeZone))
      equal(odd, [])
    }),
    {numRuns: 40},
  )
})

test('milliseconds before and after a time do not bring it twice', () => {
  const at = Date.UTC(2026, 5, 1, 12)
  is(nextRun('0 12 * * *', 'UTC', at - 1), at)
  is(nextRun('0 12 * * *', 'UTC', at - 999), at)
  is(nextRun('0 12 * * *', 'UTC', at), at + DAY)
  is(nextRun('0 12 * * *', 'UTC', at + 1), at + DAY)
})

test('a time that never comes is null; what is no cron or no time zone is refused in words', () => {
  is(nextRun('0 0 30 2 *', 'UTC', FROM), null)
  const refused: [string, string, RegExp][] = [
    ['* * * *', 'UTC', /five fields, or six/],
    ['* * * * * * *', 'UTC', /five fields, or six/],
    ['', 'UTC', /five fields, or six/],
    ['@daily', 'UTC', /five fields, or six/],
    ['61 * * * *', 'UTC', /minute: 61/],
    ['0 24 * * *', 'UTC', /hour: 24/],
    ['10-5 * * * *', 'UTC', /larger/],
    ['*/0 * * * *', 'UTC', /not valid/],
    ['* * * * *', 'Mars/One', /no time zone "Mars\/One"/],
    ['* * * * *', '', /no time zone/],
    [`${'0,'.repeat(200)}0 * * * *`, 'UTC', /200 characters/],
  ]
  for (const [cron, timeZone, reason] of refused) {
    throws(
      () => nextRun(cron, timeZone, FROM),
      (error: unknown) => isHostError(error, 'SCHEDULE_INVALID') && reason.test(error.message),
    )
  }
})

test.run()
