import {InvalidArgumentError} from 'commander'

const UNITS: {[unit: string]: number} = {s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000}

/** `90s`, `30m`, `12h`, `7d`, or 0; in milliseconds. For commander's option parser. */
export function parseDuration(text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (text === '0') return 0
  if (count === undefined) throw new InvalidArgumentError('write it as 90s, 30m, 12h or 7d')
  return Number(count) * (UNITS[unit] ?? 0)
}
