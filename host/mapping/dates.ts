import type {Json} from '../../runtime/protocol.ts'

/** A moment as it was written. Without a zone of its own it is a wall clock's, and `ms` takes that clock for UTC's. */
export interface ParsedDate {
  /** Milliseconds since 1970. */
  ms: number
  hasTime: boolean
  hasZone: boolean
}

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/i
const LONGEST = 40
const MINUTE_MS = 60_000

/** ISO 8601, or milliseconds since 1970; undefined for anything else, 30 February among it. */
export function parseDate(value: Json | undefined): ParsedDate | undefined {
  if (typeof value === 'number') {
    return Number.isFinite(new Date(value).getTime()) ? {ms: value, hasTime: true, hasZone: true} : undefined
  }
  if (typeof value !== 'string' || value.length > LONGEST) return undefined
  const match = ISO.exec(value.trim())
  if (!match) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone] = match
  const at = new Date(0)
  at.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  const isDay = at.getUTCMonth() === Number(month) - 1 && at.getUTCDate() === Number(day)
  if (!isDay || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  at.setUTCHours(Number(hour), Number(minute), Number(second), Math.trunc(Number(`0.${fraction}`) * 1000))
  const offset = zone === undefined ? 0 : parseZone(zone)
  return {ms: at.getTime() - offset * MINUTE_MS, hasTime: match[4] !== undefined, hasZone: zone !== undefined}
}

/** Minutes east of UTC. */
function parseZone(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return zone.startsWith('-') ? -minutes : minutes
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', {timeZone: name})
    return true
  } catch {
    return false
  }
}

const formatters = new Map<string, Intl.DateTimeFormat>()

/** Minutes that a zone's clocks are ahead of UTC at a moment. */
export function findOffset(ms: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0
  const known = formatters.get(timeZone) ?? new Intl.DateTimeFormat('en-US', {timeZone, timeZoneName: 'longOffset'})
  formatters.set(timeZone, known)
  const name = known.formatToParts(ms).find(({type}) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours, minutes = '0'] = /^GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? []
  if (sign === undefined) return 0
  const offset = Number(hours) * 60 + Number(minutes)
  return sign === '-' ? -offset : offset
}

/** The same moment on a zone's clocks: what they show, as if it were UTC, and how far they are ahead. */
export function toWall(date: ParsedDate, timeZone: string): {wallMs: number; offset: number} {
  if (date.hasZone) {
    const offset = findOffset(date.ms, timeZone)
    return {wallMs: date.ms + offset * MINUTE_MS, offset}
  }
  // The offset depends on the moment and the moment on the offset; a second look settles it.
  const first = findOffset(date.ms, timeZone)
  const offset = findOffset(date.ms - first * MINUTE_MS, timeZone)
  return {wallMs: date.ms, offset}
}

/** `+02:00`, or `Z` for none. */
export function formatOffset(offset: number): string {
  if (offset === 0) return 'Z'
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60]
  return `${offset < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
}
