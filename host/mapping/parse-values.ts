import type {Json} from '../../runtime/protocol.ts'

const NUMBER = /^[+-]?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})([eE][+-]?\d{1,3})?$/
const LONGEST = 400
const TRUE = ['true', 'yes', 'y', 'on', '1']
const FALSE = ['false', 'no', 'n', 'off', '0']

/** undefined for what is no number, and for one that cannot be kept exactly enough to be the same. */
export function parseNumber(value: Json): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value.length > LONGEST) return undefined
  const text = value.trim()
  if (!NUMBER.test(text)) return undefined
  const number = Number(text)
  const isExact = !Number.isInteger(number) || Number.isSafeInteger(number) || /[eE.]/.test(text)
  return Number.isFinite(number) && isExact ? number : undefined
}

export function parseBoolean(value: Json): boolean | undefined {
  if (typeof value === 'boolean') return value
  const word = String(value).trim().toLowerCase()
  if (TRUE.includes(word)) return true
  return FALSE.includes(word) ? false : undefined
}
