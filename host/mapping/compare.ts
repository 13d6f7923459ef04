import {isDeepStrictEqual} from 'node:util'
import type {Json} from '../../runtime/protocol.ts'
import {isObject} from '../expand-schemas.ts'
import {parseDate} from './dates.ts'
import {isMissing} from './value-types.ts'

/** As people compare: without case and outer spaces, numbers by their value, lists by what is in them. */
export function isSame(left: Json | undefined, right: Json | undefined): boolean {
  if (isMissing(left) || isMissing(right)) return isMissing(left) && isMissing(right)
  if (Array.isArray(left) && Array.isArray(right)) {
    const [items, others] = [new Set(left.map(toKey)), new Set(right.map(toKey))]
    return left.length === right.length && items.size === others.size && [...items].every(item => others.has(item))
  }
  if (isObject(left) || isObject(right)) return isDeepStrictEqual(left, right)
  if (Array.isArray(left) || Array.isArray(right)) return false
  const numbers = toNumbers(left, right)
  if (numbers && (typeof left === 'number' || typeof right === 'number')) return numbers[0] === numbers[1]
  return fold(left) === fold(right)
}

/** A text within a text, or one item among those of a list. */
export function holds(value: Json | undefined, part: Json): boolean {
  if (isMissing(value) || isMissing(part) || isObject(value)) return false
  if (Array.isArray(value)) return value.some(item => isSame(item, part))
  return !isObject(part) && !Array.isArray(part) && fold(value).includes(fold(part))
}

/** Equal to one of a list, or, of a list, one of its items is. */
export function isAmong(value: Json | undefined, list: readonly Json[]): boolean {
  if (!Array.isArray(value)) return list.some(each => isSame(value, each))
  const known = new Set(list.map(toKey))
  return value.some(item => known.has(toKey(item)))
}

export function startsWith(value: Json | undefined, start: Json): boolean {
  if (isMissing(value) || isMissing(start) || typeof value === 'object' || typeof start === 'object') return false
  return fold(value).startsWith(fold(start))
}

/**
 * Negative, 0 or positive; undefined for what has no order. Choices stand in the order of their list, numbers and dates in
 * their own, other texts by the alphabet.
 */
export function compareOrder(left: Json | undefined, right: Json, choices: readonly string[] = []): number | undefined {
  if (isMissing(left) || isMissing(right) || typeof left === 'object' || typeof right === 'object') return undefined
  const [at, than] = [findChoice(left, choices), findChoice(right, choices)]
  if (at >= 0 && than >= 0) return at - than
  const numbers = toNumbers(left, right)
  if (numbers) return numbers[0] - numbers[1]
  const [date, other] = [parseDate(left), parseDate(right)]
  if (date && other) return date.ms - other.ms
  return fold(left) < fold(right) ? -1 : Number(fold(left) > fold(right))
}

export function findChoice(value: Json, choices: readonly string[]): number {
  return typeof value === 'string' ? choices.findIndex(choice => fold(choice) === fold(value)) : -1
}

function fold(value: string | number | boolean): string {
  return String(value).trim().toLowerCase()
}

function toKey(value: Json): string {
  return typeof value === 'object' ? JSON.stringify(value) : fold(value)
}

function toNumbers(left: Json, right: Json): [number, number] | undefined {
  const pair = [left, right].map(value => (typeof value === 'boolean' ? Number.NaN : readNumber(value)))
  return pair.every(Number.isFinite) ? (pair as [number, number]) : undefined
}

function readNumber(value: Json): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value.length < 40 && /\d/.test(value) ? Number(value) : Number.NaN
}
