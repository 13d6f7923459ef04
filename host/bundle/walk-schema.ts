import type {Json} from '../../runtime/protocol.ts'
import type {JsonSchema} from '../manifest.ts'
import {escapePointer} from '../schema.ts'

const SINGLE = [
  'items',
  'contains',
  'additionalProperties',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
  'if',
  'then',
  'else',
  'not',
]
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems']
const MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']

/** A schema within a schema: its JSON pointer, and the property it describes, if it does. */
export interface Subschema {
  schema: JsonSchema
  pointer: string
  property: string | undefined
}

/** The schema and all schemas in it: keywords are told from property names that look like them. */
export function* walkSchema(schema: Json, pointer: string, property?: string): Generator<Subschema> {
  if (!isObject(schema)) return
  yield {schema, pointer, property}
  for (const keyword of SINGLE) yield* walkSchema(schema[keyword] ?? null, `${pointer}/${keyword}`)
  for (const keyword of LISTS) {
    const list = schema[keyword]
    if (!Array.isArray(list)) continue
    for (const [index, item] of list.entries()) yield* walkSchema(item, `${pointer}/${keyword}/${index}`, property)
  }
  for (const keyword of MAPS) {
    const map = schema[keyword]
    if (!isObject(map ?? null)) continue
    for (const [name, item] of Object.entries(map as JsonSchema)) {
      const known = keyword === 'properties' ? name : undefined
      yield* walkSchema(item, `${pointer}/${keyword}/${escapePointer(name)}`, known)
    }
  }
}

export function isObject(value: Json): value is {[key: string]: Json} {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
