import {isDeepStrictEqual} from 'node:util'
import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {CERTAIN, expandSchemas, isObject, itemSchemas, propertySchemas} from '../expand-schemas.ts'
import type {JsonSchema} from '../manifest.ts'
import {parseDate} from './dates.ts'
import {showValue, ValueFailure} from './failure.ts'
import {toText} from './filter-types.ts'
import {parseBoolean, parseNumber} from './parse-values.ts'
import {listSchemaTypes, typeOfValue} from './value-types.ts'

/** The value as a parameter takes it. Throws ValueFailure for what it does not take. */
export function coerce(value: Json, schemas: readonly Json[], root: JsonSchema): Json {
  const certain = expandSchemas(schemas, root, CERTAIN)
  const choice = certain.find(schema => Array.isArray(schema.anyOf) || Array.isArray(schema.oneOf))
  if (!choice) return coerceSimply(value, certain, root)
  const branches = (choice.anyOf ?? choice.oneOf) as Json[]
  const rest = certain.filter(schema => schema !== choice)
  const attempts = branches.map(branch => attempt(() => coerce(value, [branch, ...rest], root)))
  // One that takes it as it is comes before one that has to change it.
  const fit = attempts.find(({result}) => result !== undefined && isDeepStrictEqual(result, value))
  const found = fit ?? attempts.find(({result}) => result !== undefined)
  if (found?.result !== undefined) return found.result
  throw attempts[0]?.failure ?? unfit('a value that nothing can be', value)
}

function coerceSimply(value: Json, schemas: readonly JsonObject[], root: JsonSchema): Json {
  const fixed = schemas.find(schema => 'const' in schema)
  if (fixed) return choose([fixed.const ?? null], value)
  const choices = schemas.find(schema => Array.isArray(schema.enum))?.enum
  if (Array.isArray(choices)) return choose(choices, value)
  const types = listSchemaTypes(schemas)
  if (types.length === 0) return value
  const own = nameType(value)
  const type = types.find(each => each === own || (each === 'number' && own === 'integer')) ?? types[0]
  const convert = CONVERSIONS[type ?? '']
  if (types.length > 1 && type !== own && !(type === 'number' && own === 'integer')) {
    for (const each of types) {
      const {result} = attempt(() => coerceTo(each, value, schemas, root))
      if (result !== undefined) return result
    }
    throw unfit(types.map(each => WORDS[each] ?? each).join(' or '), value)
  }
  return convert ? coerceTo(type ?? '', value, schemas, root) : value
}

function coerceTo(type: string, value: Json, schemas: readonly JsonObject[], root: JsonSchema): Json {
  const converted = CONVERSIONS[type]?.(value)
  if (converted === undefined) throw unfit(WORDS[type] ?? type, value)
  if (typeof converted === 'string') return fitFormat(converted, value, schemas)
  if (Array.isArray(converted)) {
    return converted.map((item, index) =>
      coerce(
        item,
        schemas.flatMap(schema => itemSchemas(schema, index).slice(0, 1)),
        root,
      ),
    )
  }
  if (!isObject(converted)) return converted
  const entries = Object.entries(converted).map(([key, child]) => {
    const own = schemas.flatMap(schema => propertySchemas(schema, key))
    return [key, coerce(child ?? null, own, root)] as const
  })
  return Object.fromEntries(entries)
}

const WORDS: {[type: string]: string} = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'nothing',
}

/** undefined for what cannot be made one. */
const CONVERSIONS: {[type: string]: (value: Json) => Json | undefined} = {
  string: value => (isObject(value) || value === null ? undefined : attempt(() => toText(value)).result),
  number: value => (typeof value === 'boolean' ? undefined : parseNumber(value)),
  integer(value) {
    const number = typeof value === 'boolean' ? undefined : parseNumber(value)
    return Number.isSafeInteger(number) ? number : undefined
  },
  boolean: parseBoolean,
  array: value => (Array.isArray(value) ? value : value === null ? undefined : (parseJson(value, '[') ?? [value])),
  object: value => (isObject(value) ? value : parseJson(value, '{')),
  null: value => (value === null ? null : undefined),
}

function parseJson(value: Json, start: string): Json | undefined {
  if (typeof value !== 'string' || !value.trimStart().startsWith(start)) return undefined
  try {
    return JSON.parse(value) as Json
  } catch {
    return undefined
  }
}

function nameType(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isSafeInteger(value) ? 'integer' : typeof value
}

/** Exactly, else the same without case. */
function choose(choices: readonly Json[], value: Json): Json {
  const exact = choices.find(choice => isDeepStrictEqual(choice, value))
  if (exact !== undefined) return exact
  const fold = (each: Json): string => (isObject(each) ? JSON.stringify(each) : toText(each).trim().toLowerCase())
  const near = value === null ? undefined : choices.find(choice => choice !== null && fold(choice) === fold(value))
  if (near !== undefined) return near
  throw unfit(
    choices.length === 1
      ? JSON.stringify(choices[0])
      : `one of ${choices.map(each => JSON.stringify(each)).join(', ')}`,
    value,
  )
}

/** Days and moments are brought to the form that is asked for; other formats are left to the check of the whole input. */
function fitFormat(text: string, value: Json, schemas: readonly JsonObject[]): string {
  const format = schemas.map(schema => schema.format).find(each => each === 'date' || each === 'date-time')
  if (format === undefined) return text
  const date = parseDate(typeof value === 'number' ? value : text)
  if (!date) throw unfit(format === 'date' ? 'a day such as 2027-03-31' : 'a time such as 2027-03-31T12:00:00Z', value)
  const isWritten = typeof value === 'string'
  if (format === 'date') return isWritten ? text.trim().slice(0, 10) : new Date(date.ms).toISOString().slice(0, 10)
  return isWritten && date.hasTime && date.hasZone ? text.trim().replace(' ', 'T') : new Date(date.ms).toISOString()
}

function unfit(expected: string, value: Json): ValueFailure {
  const list = typeOfValue(value) === 'list'
  const remedy = list
    ? 'Take one item with |first, or join them with |join'
    : 'Change it with a filter, or correct the value'
  return new ValueFailure('VALUE_UNFIT', `expected ${expected}, found ${showValue(value)}`, remedy)
}

function attempt<T>(work: () => T): {result?: T; failure?: ValueFailure} {
  try {
    return {result: work()}
  } catch (error) {
    if (error instanceof ValueFailure) return {failure: error}
    throw error
  }
}
