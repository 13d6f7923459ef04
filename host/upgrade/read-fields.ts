import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {CERTAIN, expandSchemas, isObject} from '../expand-schemas.ts'
import type {JsonSchema} from '../manifest.ts'
import {escapePointer} from '../schema.ts'

/** What a schema says of one field, from all the places that speak of it. */
export interface Field {
  /** Empty: any. */
  types: readonly string[]
  required: boolean
  hasDefault: boolean
  /** Of an object: other keys are refused. */
  closed: boolean
  /** All allowed values; undefined: any. */
  values: readonly Json[] | undefined
  limits: {[keyword: string]: Json}
}

const DEEPEST = 8
const LIMITS = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'multipleOf',
  'pattern',
  'format',
]

/** Every field by its JSON pointer into the value; `*` stands for any item of a list, the empty pointer for the whole. */
export function readFields(schema: JsonSchema): Map<string, Field> {
  const fields = new Map<string, Field>()
  walk([schema], '', {required: true, root: schema, fields, depth: 0})
  return fields
}

interface Walk {
  required: boolean
  root: JsonSchema
  fields: Map<string, Field>
  depth: number
}

function walk(schemas: readonly Json[], pointer: string, {required, root, fields, depth}: Walk): void {
  const all = expandSchemas(schemas, root, CERTAIN)
  fields.set(pointer, describeField(all, required))
  if (depth >= DEEPEST) return
  const names = new Set(all.flatMap(({properties}) => (isObject(properties) ? Object.keys(properties) : [])))
  const needed = new Set(all.flatMap(({required}) => (Array.isArray(required) ? required : [])))
  for (const name of names) {
    const own = all.flatMap(({properties}) =>
      isObject(properties) && Object.hasOwn(properties, name) ? [properties[name] ?? null] : [],
    )
    walk(own, `${pointer}/${escapePointer(name)}`, {required: needed.has(name), root, fields, depth: depth + 1})
  }
  const items = all.flatMap(({items}) => (isObject(items) ? [items] : []))
  if (items.length > 0) walk(items, `${pointer}/*`, {required: false, root, fields, depth: depth + 1})
}

function describeField(all: readonly JsonObject[], required: boolean): Field {
  const limits: Field['limits'] = {}
  for (const schema of all) for (const name of LIMITS) if (schema[name] !== undefined) limits[name] = schema[name]
  return {
    types: intersect(all.flatMap(({type}) => (type === undefined ? [] : [[type].flat().map(String)]))) ?? [],
    required,
    hasDefault: all.some(schema => schema.default !== undefined),
    closed: all.some(schema => schema.additionalProperties === false || schema.unevaluatedProperties === false),
    values: intersect(all.flatMap(listValues), sameJson),
    limits,
  }
}

function listValues(schema: JsonObject): Json[][] {
  return [...(Array.isArray(schema.enum) ? [schema.enum] : []), ...(schema.const !== undefined ? [[schema.const]] : [])]
}

function intersect<T>(sets: readonly T[][], same: (one: T, other: T) => boolean = Object.is): T[] | undefined {
  const [first, ...rest] = sets
  return first?.filter(value => rest.every(set => set.some(other => same(value, other))))
}

export function sameJson(one: Json, other: Json): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
