import {isDeepStrictEqual} from 'node:util'
import type {Json, JsonObject} from '../runtime/protocol.ts'

/** `x-fp-when`: when a field of the configuration is there at all. The fields it names stand beside it, in the same object. */
export type FieldCondition =
  | {all: FieldCondition[]}
  | {any: FieldCondition[]}
  | {field: string; in: Json[]}
  | {field: string; equal: Json}
  | {field: string; notEqual: Json}
  | {field: string; startsWith: string}
  | {field: string; empty: true}
  | {field: string; notEmpty: true}

const COMPARISONS: {[operator: string]: (value: Json | undefined, operand: Json) => boolean} = {
  in: (value, list) => Array.isArray(list) && list.some(item => isDeepStrictEqual(item, value)),
  equal: (value, other) => isDeepStrictEqual(value, other),
  notEqual: (value, other) => !isDeepStrictEqual(value, other),
  startsWith: (value, start) => typeof value === 'string' && typeof start === 'string' && value.startsWith(start),
  empty: value => isEmpty(value),
  notEmpty: value => !isEmpty(value),
}
const OPERANDS: {[operator: string]: (operand: Json) => boolean} = {
  in: Array.isArray,
  equal: () => true,
  notEqual: () => true,
  startsWith: operand => typeof operand === 'string',
  empty: operand => operand === true,
  notEmpty: operand => operand === true,
}
const OPERATORS = Object.keys(COMPARISONS)

/** Whether the condition holds. One that is not well-formed always does: nothing is hidden by a mistake. */
export function holdsFor(condition: Json, readField: (field: string) => Json | undefined): boolean {
  if (!isObject(condition)) return true
  if (Array.isArray(condition.all)) return condition.all.every(part => holdsFor(part, readField))
  if (Array.isArray(condition.any)) return condition.any.some(part => holdsFor(part, readField))
  const {field} = condition
  const operator = OPERATORS.find(name => Object.hasOwn(condition, name))
  if (typeof field !== 'string' || operator === undefined) return true
  return COMPARISONS[operator]?.(readField(field), condition[operator] ?? null) ?? true
}

/** The fields it looks at, each once. */
export function listConditionFields(condition: Json): string[] {
  if (!isObject(condition)) return []
  const groups = [condition.all, condition.any].flatMap(group => (Array.isArray(group) ? group : []))
  const own = typeof condition.field === 'string' ? [condition.field] : []
  return [...new Set([...own, ...groups.flatMap(listConditionFields)])]
}

/** What is wrong with its form, in words; undefined when nothing is. */
export function findConditionFault(condition: Json): string | undefined {
  if (!isObject(condition)) return 'must be an object'
  const keys = Object.keys(condition)
  for (const group of ['all', 'any']) {
    const parts = condition[group]
    if (parts === undefined) continue
    if (keys.length > 1) return `has other keys beside "${group}"`
    if (!Array.isArray(parts) || parts.length === 0) return `needs a list of conditions in "${group}"`
    return parts.map(findConditionFault).find(fault => fault !== undefined)
  }
  if (typeof condition.field !== 'string') return 'names no "field"'
  const operators = keys.filter(key => key !== 'field')
  const [operator = ''] = operators
  if (operators.length !== 1 || !Object.hasOwn(OPERANDS, operator)) return `needs one of ${OPERATORS.join(', ')}`
  return OPERANDS[operator]?.(condition[operator] ?? null) ? undefined : `has a wrong value in "${operator}"`
}

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
