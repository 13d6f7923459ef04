import type {Json} from '../../runtime/protocol.ts'
import {isObject} from '../expand-schemas.ts'
import {type Condition, type MappingSource, OPERATORS, type Operator} from '../mapping-types.ts'
import type {FieldInfo} from '../record-types.ts'
import type {Problem} from '../schema.ts'
import {compareOrder, findChoice, holds, isAmong, isSame, startsWith} from './compare.ts'
import {indexFields} from './fields.ts'
import {readReference} from './read-reference.ts'
import {isFault, type Reference, resolveReference} from './references.ts'
import {isMissing} from './value-types.ts'

const DEEPEST = 20
const MOST = 500
const WITHOUT_VALUE: readonly Operator[] = ['empty', 'notEmpty', 'changed']
const OF_CHOICES: readonly Operator[] = ['equal', 'notEqual', 'in', 'changedTo']

/** Everything wrong with a condition; pointers lead into it. */
export function checkCondition(condition: unknown, fields: readonly FieldInfo[]): Problem[] {
  let count = 0
  function check(node: Json, pointer: string, depth: number): Problem[] {
    count++
    if (count > MOST) return count === MOST + 1 ? [{pointer, message: `has more than ${MOST} comparisons`}] : []
    if (!isObject(node)) return [{pointer, message: 'must be a group or a comparison'}]
    if (depth > DEEPEST) return [{pointer, message: `has groups more than ${DEEPEST} deep`}]
    const group = ['all', 'any'].find(name => Object.hasOwn(node, name))
    if (group === undefined) return checkComparison(node, pointer, fields)
    const parts = node[group]
    if (Object.keys(node).length > 1) return [{pointer, message: `has other keys beside "${group}"`}]
    if (!Array.isArray(parts)) return [{pointer: `${pointer}/${group}`, message: 'must be a list of conditions'}]
    return parts.flatMap((part, index) => check(part, `${pointer}/${group}/${index}`, depth + 1))
  }
  return check(condition as Json, '', 0)
}

function checkComparison(
  {field, is, value, ...others}: {[key: string]: Json | undefined},
  pointer: string,
  fields: readonly FieldInfo[],
): Problem[] {
  const [other] = Object.keys(others)
  if (other !== undefined) return [{pointer: `${pointer}/${other}`, message: 'is not a known key'}]
  const operator = OPERATORS.find(name => name === is)
  if (operator === undefined) return [{pointer: `${pointer}/is`, message: `must be one of ${OPERATORS.join(', ')}`}]
  if (typeof field !== 'string' || field === '') return [{pointer: `${pointer}/field`, message: 'must name a field'}]
  const found = resolveReference(field, false, {index: indexFields(fields)})
  if (isFault(found)) return [{pointer: `${pointer}/field`, message: `${found.message}. ${found.remedy}`}]
  const reason = checkValue(operator, value, found)
  return reason === undefined ? [] : [{pointer: `${pointer}/value`, message: reason}]
}

function checkValue(operator: Operator, value: Json | undefined, reference: Reference): string | undefined {
  if (WITHOUT_VALUE.includes(operator)) return value === undefined ? undefined : `is of no use with "${operator}"`
  if (value === undefined) return 'is required'
  if (operator === 'in' && !Array.isArray(value)) return 'must be a list'
  const choices = ('field' in reference && reference.field.choices) || []
  if (choices.length === 0 || !OF_CHOICES.includes(operator)) return undefined
  const unknown = [value].flat().find(each => !isMissing(each) && findChoice(each, choices) < 0)
  return unknown === undefined ? undefined : `${JSON.stringify(unknown)} is none of ${choices.join(', ')}`
}

type Explained = {text: string; fits: boolean}[]

/**
 * Whether the record fits, and each comparison that was looked at. Texts are compared without case and outer spaces. Without the
 * old record nothing has changed. A comparison with what is no field never fits.
 */
export function evaluateCondition(
  condition: Condition,
  source: MappingSource,
  fields: readonly FieldInfo[],
): {fits: boolean; explained: Explained} {
  const explained: Explained = []
  function evaluate(node: Condition): boolean {
    if ('all' in node) return node.all.map(evaluate).every(Boolean)
    if ('any' in node) return node.any.map(evaluate).some(Boolean)
    const entry = compare(node, source, fields)
    explained.push(entry)
    return entry.fits
  }
  return {fits: evaluate(condition), explained}
}

function compare(
  {field, is, value = null}: {field: string; is: Operator; value?: Json},
  source: MappingSource,
  fields: readonly FieldInfo[],
): Explained[number] {
  const found = resolveReference(field, false, {index: indexFields(fields)})
  if (isFault(found)) return {text: `${field}: ${found.message}`, fits: false}
  const current = readReference(found, source)
  const fits = COMPARISONS[is]({current, value, reference: found, source})
  const operand = WITHOUT_VALUE.includes(is) ? '' : ` ${show(value)}`
  return {text: `${found.label} ${WORDS[is]}${operand} (it is ${show(current)})`, fits}
}

interface Comparison {
  current: Json | undefined
  value: Json
  reference: Reference
  source: MappingSource
}

const COMPARISONS: {[operator in Operator]: (comparison: Comparison) => boolean} = {
  equal: ({current, value}) => isSame(current, value),
  notEqual: ({current, value}) => !isSame(current, value),
  contains: ({current, value}) => holds(current, value),
  notContains: ({current, value}) => !holds(current, value),
  startsWith: ({current, value}) => startsWith(current, value),
  less: comparison => order(comparison) < 0,
  more: comparison => order(comparison) > 0,
  empty: ({current}) => isBlank(current),
  notEmpty: ({current}) => !isBlank(current),
  in: ({current, value}) => isAmong(current, [value].flat()),
  changed: hasChanged,
  changedTo: comparison => hasChanged(comparison) && isSame(comparison.current, comparison.value),
}

const WORDS: {[operator in Operator]: string} = {
  equal: 'equals',
  notEqual: 'does not equal',
  contains: 'contains',
  notContains: 'does not contain',
  startsWith: 'starts with',
  less: 'is less than',
  more: 'is more than',
  empty: 'is empty',
  notEmpty: 'is not empty',
  in: 'is one of',
  changed: 'has changed',
  changedTo: 'has changed to',
}

function order({current, value, reference}: Comparison): number {
  return compareOrder(current, value, ('field' in reference && reference.field.choices) || []) ?? Number.NaN
}

function isBlank(value: Json | undefined): boolean {
  return isMissing(typeof value === 'string' ? value.trim() : value)
}

/** Exactly: another case is a change. */
function hasChanged({current, reference, source}: Comparison): boolean {
  if (reference.kind !== 'record' || source.old === undefined) return false
  const before = readReference({...reference, kind: 'old'}, source)
  if (isMissing(before) && isMissing(current)) return false
  return JSON.stringify(before ?? null) !== JSON.stringify(current ?? null)
}

function show(value: Json | undefined): string {
  const text = isMissing(value) ? 'empty' : (JSON.stringify(value) ?? 'empty')
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}
