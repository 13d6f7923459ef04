import {InvalidArgumentError} from 'commander'

const UNITS: {[unit: string]: number} = {s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000}

/** `2h`, `7d` ago, or a time as ISO 8601; in milliseconds since 1970. */
export function parseTime(text: string): number {
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  if (count !== undefined) return Math.max(0, Date.now() - Number(count) * (UNITS[unit] ?? 0))
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time)) throw new InvalidArgumentError('write it as 30m, 2h or 7d, or as 2026-05-01T08:00:00Z')
  return time
}
