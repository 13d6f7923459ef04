import type {Json, JsonObject, WireError} from '../../runtime/protocol.ts'
import {isObject} from '../expand-schemas.ts'
import type {OutputRow} from '../mapping-types.ts'
import type {FieldInfo} from '../record-types.ts'
import {findChoice} from './compare.ts'
import {parseDate} from './dates.ts'
import {showValue} from './failure.ts'
import {indexFields} from './fields.ts'
import {parseBoolean, parseNumber} from './parse-values.ts'
import {readPath} from './read-reference.ts'
import {isFault, resolveReference} from './references.ts'
import {splitTarget} from './targets.ts'

/** What an execution came to, as far as it can be written into a record. */
export interface OutcomeSource {
  status: string
  output: Json
  message: string
  error: WireError | null
}

/**
 * The record's fields by their ids, each as its type wants it. What the outcome does not hold writes nothing; `null` empties a field.
 * A row without `when` is for what succeeded; `failed` is for everything else.
 */
export function renderOutput(
  rows: readonly OutputRow[],
  outcome: OutcomeSource,
  fields: readonly FieldInfo[],
): {fields: JsonObject; problems: string[]} {
  const found: JsonObject = {}
  const problems: string[] = []
  const {status, output, message, error} = outcome
  const values: JsonObject = {status, output, message, error: error && ({...error} as JsonObject)}
  const succeeded = status === 'succeeded'
  for (const {source, field: name, when = 'succeeded'} of rows) {
    if (when !== 'always' && (when === 'succeeded') !== succeeded) continue
    const value = readPath(values, splitTarget(source))
    if (value === undefined) continue
    const reference = resolveReference(name, true, {index: indexFields(fields)})
    if (isFault(reference)) problems.push(`${source}: ${reference.message}. ${reference.remedy}`)
    else if (reference.kind === 'record') {
      const {field} = reference
      const fit = field.readOnly ? undefined : fitField(value, field)
      if (fit !== undefined) found[field.id] = fit
      else problems.push(`${source}: ${describeMisfit(value, field)}`)
    }
  }
  return {fields: found, problems}
}

/** undefined for what the field cannot hold. */
function fitField(value: Json, {type, choices = []}: FieldInfo): Json | undefined {
  if (value === null) return null
  switch (type) {
    case 'text':
    case 'user':
      return toFieldText(value)
    case 'number':
      return typeof value === 'boolean' ? undefined : parseNumber(value)
    case 'boolean':
      return parseBoolean(value)
    case 'date':
      return parseDate(value) && (typeof value === 'number' ? new Date(value).toISOString() : value)
    case 'choice':
      return choices[findChoice(typeof value === 'object' ? null : String(value), choices)]
    case 'tags':
      return [value].flat().map(toFieldText)
  }
}

/** Lists by commas, what is deeper as JSON. */
function toFieldText(value: Json): string {
  if (typeof value === 'string') return value
  const isFlat = Array.isArray(value) && value.every(item => !isObject(item) && !Array.isArray(item))
  return isFlat ? value.map(item => (item === null ? '' : String(item))).join(', ') : JSON.stringify(value)
}

function describeMisfit(value: Json, {label, type, readOnly, choices = []}: FieldInfo): string {
  if (readOnly) return `the field "${label}" cannot be written`
  const expected = type === 'choice' ? `one of ${choices.join(', ')}` : `a ${type}`
  return `the field "${label}" expects ${expected}, found ${showValue(value)}`
}
