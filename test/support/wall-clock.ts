/** Node's own calendar, an independent witness of what clocks on the wall show; its types are not in the compiler's library yet. */
interface Zoned {
  epochMilliseconds: number
  year: number
  month: number
  day: number
  hour: number
  minute: number
  dayOfWeek: number
  add(duration: {nanoseconds?: number; days?: number}): Zoned
  getTimeZoneTransition(direction: 'next' | 'previous'): Zoned | null
}
interface Calendar {
  Instant: {fromEpochMilliseconds(ms: number): {toZonedDateTimeISO(timeZone: string): Zoned}}
  ZonedDateTime: {from(fields: object, options: {disambiguation: 'earlier' | 'later'}): Zoned}
}

const {Temporal} = globalThis as unknown as {Temporal: Calendar}

export interface WallTime {
  /** 2026-03-29 */
  date: string
  /** 02:30 */
  time: string
  hour: number
  minute: number
  /** 0 is Sunday. */
  weekday: number
}

const two = (value: number): string => String(value).padStart(2, '0')

export function showWallTime(at: number, timeZone: string): WallTime {
  const {year, month, day, hour, minute, dayOfWeek} =
    Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone)
  return {
    date: `${year}-${two(month)}-${two(day)}`,
    time: `${two(hour)}:${two(minute)}`,
    hour,
    minute,
    weekday: dayOfWeek % 7,
  }
}

/** When clocks show this: the first time where they do twice, the first moment after where they never do. */
export function findInstant(date: string, hour: number, minute: number, timeZone: string): number {
  const [year, month, day] = date.split('-').map(Number)
  const fields = {timeZone, year, month, day, hour, minute}
  const at = Temporal.ZonedDateTime.from(fields, {disambiguation: 'earlier'})
  if (at.hour === hour && at.minute === minute) return at.epochMilliseconds
  const after = Temporal.ZonedDateTime.from(fields, {disambiguation: 'later'})
  return after.add({nanoseconds: 1}).getTimeZoneTransition('previous')?.epochMilliseconds ?? Number.NaN
}

/** The next changes of the clocks after a moment. */
export function listChanges(timeZone: string, from: number, count: number): number[] {
  const changes: number[] = []
  let at: Zoned | null = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(timeZone)
  while (changes.length < count) {
    at = at.getTimeZoneTransition('next')
    if (at === null) break
    changes.push(at.epochMilliseconds)
  }
  return changes
}

export function listDates(from: string, count: number): string[] {
  const start = Date.parse(`${from}T00:00:00Z`)
  return Array.from({length: count}, (_, index) => new Date(start + index * 86_400_000).toISOString().slice(0, 10))
}
