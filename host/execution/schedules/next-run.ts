import {Cron} from 'croner'
import {HostError} from '../../errors.ts'

export interface Timing {
  /** Five fields, or six with seconds first. */
  cron: string
  /** IANA name. */
  timeZone: string
}

const LONGEST_CRON = 200
const CACHED = 256
const HOURS = 24
const SIXTY = 60

const compiled = new Map<string, Cron>()

/**
 * The first time after `after`, milliseconds since 1970; null when there is none. Where clocks change: a cron for every hour
 * runs in each real hour. One that names hours, also by a step, runs by the clock on the wall: a time that the clocks skip
 * runs at the first moment after them, one that they repeat runs the first time. Throws SCHEDULE_INVALID.
 */
export function nextRun(cron: string, timeZone: string, after: number): number | null {
  // croner looks at whole seconds, and gives the same one back for the milliseconds before it.
  const next = compile(cron, timeZone).nextRun(new Date(Math.floor(after / 1000) * 1000))
  return next === null ? null : next.getTime()
}

/** Throws SCHEDULE_INVALID for what is no cron, no time zone, or never comes. */
export function checkTiming({cron, timeZone}: Timing, now: number): void {
  if (nextRun(cron, timeZone, now) === null) refuse(`the cron "${cron}" names a time that never comes`)
}

/** The next `count` times, in order. */
export function listRuns({cron, timeZone}: Timing, from: number, count: number): number[] {
  const times: number[] = []
  for (let at = nextRun(cron, timeZone, from); at !== null && times.length < count; at = nextRun(cron, timeZone, at))
    times.push(at)
  return times
}

function refuse(reason: string, cause?: unknown): never {
  throw new HostError('SCHEDULE_INVALID', {reason}, cause)
}

function compile(cron: string, timeZone: string): Cron {
  const key = `${timeZone}\n${cron}`
  const known = compiled.get(key)
  if (known) return known
  if (typeof cron !== 'string' || cron.length > LONGEST_CRON) refuse(`a cron has up to ${LONGEST_CRON} characters`)
  if (typeof timeZone !== 'string') refuse('a time zone is needed; use a name as Europe/Berlin')
  checkTimeZone(timeZone)
  const fields = cron.trim().split(/\s+/)
  if (fields.length !== 5 && fields.length !== 6) refuse(`the cron "${cron}" must have five fields, or six`)
  const options = {timezone: timeZone, paused: true, mode: '6-part', fixedTimeRule: 'no-wildcard'} as const
  try {
    const six = fields.length === 5 ? ['0', ...fields] : fields
    // As written first: what is wrong is told in the words of its author.
    new Cron(six.join(' '), options)
    const job = new Cron(spellHours(six).join(' '), options)
    if (compiled.size >= CACHED) compiled.delete(compiled.keys().next().value ?? '')
    compiled.set(key, job)
    return job
  } catch (error) {
    return refuse(`the cron "${cron}" is not valid: ${(error as Error).message.replace(/^\w+: /, '')}`, error)
  }
}

function checkTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', {timeZone})
  } catch (error) {
    refuse(`there is no time zone "${timeZone}"; use a name as Europe/Berlin`, error)
  }
}

/**
 * croner takes a time without wildcard and step as one of the clock on the wall, and any other as an interval, which skips
 * what the clocks skip and repeats what they repeat. So a star says interval when all hours are meant, and else nothing does.
 */
function spellHours([second = '0', minute = '0', hour = '*', ...days]: string[]): string[] {
  const hours = listValues(hour, HOURS)
  if (hours.length === HOURS) return [second, minute, '*', ...days]
  return [listValues(second, SIXTY).join(','), listValues(minute, SIXTY).join(','), hours.join(','), ...days]
}

/** The values of a field that croner has found to be valid. */
function listValues(field: string, count: number): number[] {
  const values = field.split(',').flatMap(part => {
    const [range = '', step = '1'] = part.split('/')
    const [from = 0, to = range.includes('-') ? 0 : from] = /[*?]/.test(range)
      ? [0, count - 1]
      : range.split('-').map(Number)
    return Array.from({length: count}, (_, value) => value).filter(
      value => value >= from && value <= to && (value - from) % Number(step) === 0,
    )
  })
  return [...new Set(values)].sort((one, other) => one - other)
}
