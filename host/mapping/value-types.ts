import type {Json, JsonObject} from '../../runtime/protocol.ts'
import type {FieldInfo} from '../record-types.ts'

/** What is known of a value before there is one. */
export type ValueType = 'text' | 'number' | 'boolean' | 'date' | 'list' | 'object' | 'any'

const OF_FIELDS: {[type in FieldInfo['type']]: ValueType} = {
  text: 'text',
  number: 'number',
  boolean: 'boolean',
  date: 'date',
  choice: 'text',
  tags: 'list',
  user: 'text',
}

export function typeOfField({type}: FieldInfo): ValueType {
  return OF_FIELDS[type]
}

const OF_SCHEMAS: {[type: string]: ValueType} = {
  string: 'text',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  array: 'list',
  object: 'object',
}

/** JSON types that a value of these schemas may have; empty for any. */
export function listSchemaTypes(schemas: readonly JsonObject[]): string[] {
  const [only] = schemas
  if (schemas.length === 1 && typeof only?.type === 'string') return [only.type]
  const named = schemas.flatMap(({type}) => (Array.isArray(type) ? type : typeof type === 'string' ? [type] : []))
  return [...new Set(named.filter(type => typeof type === 'string'))]
}

export function typeOfSchemas(schemas: readonly JsonObject[]): ValueType {
  const types = new Set(
    listSchemaTypes(schemas)
      .filter(type => type !== 'null')
      .map(type => OF_SCHEMAS[type] ?? 'any'),
  )
  const [type = 'any', ...others] = types
  return others.length > 0 ? 'any' : type
}

export function typeOfValue(value: Json): ValueType {
  if (Array.isArray(value)) return 'list'
  if (value === null) return 'any'
  return OF_SCHEMAS[typeof value] ?? 'any'
}

/** In words: "a list", "text". */
export const TYPE_WORDS: {[type in ValueType]: string} = {
  text: 'text',
  number: 'a number',
  boolean: 'true or false',
  date: 'a date',
  list: 'a list',
  object: 'an object',
  any: 'a value',
}

/** Nothing there: no value, an empty text or an empty list. */
export function isMissing(value: Json | undefined): value is undefined | null | '' {
  if (value === undefined || value === null || value === '') return true
  return Array.isArray(value) && value.length === 0
}
