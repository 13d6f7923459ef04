import {escapePointer} from '../schema.ts'

/** One place where two JSON values differ; what is not there is undefined. */
export interface Difference {
  /** JSON pointer. */
  pointer: string
  before?: unknown
  now?: unknown
}

/** Every place where the values differ, as deep as it can be told; the order of keys does not count. */
export function compareJson(before: unknown, now: unknown, pointer = ''): Difference[] {
  if (Object.is(before, now)) return []
  if (!isTable(before) || !isTable(now) || Array.isArray(before) !== Array.isArray(now)) {
    return [{pointer, ...(before !== undefined && {before}), ...(now !== undefined && {now})}]
  }
  const keys = new Set([...Object.keys(before), ...Object.keys(now)])
  return [...keys].flatMap(key => compareJson(before[key], now[key], `${pointer}/${escapePointer(key)}`))
}

function isTable(value: unknown): value is {[key: string]: unknown} {
  return typeof value === 'object' && value !== null
}
