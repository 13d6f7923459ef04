import type {Json, JsonObject} from '../../runtime/protocol.ts'
import type {JsonSchema} from '../manifest.ts'

/** Keywords whose value is a schema, a list of schemas, or a table of them. */
const SCHEMAS = ['items', 'additionalProperties', 'additionalItems', 'contains', 'not', 'if', 'then', 'else']
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems']
const TABLES = ['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions']
const KEPT = ['type', 'const', 'enum', 'required', 'description', 'deprecated', 'minItems', 'maxItems']

export interface SimplifyOptions {
  /** The schema's name among the `$defs` of the document it becomes a part of. */
  name: string
  /** The host fills in defaults before the plugin sees the value: such a property is never missing. */
  defaultsFilled: boolean
  /** The host takes a field away that `x-fp-when` hides: it may always be missing. */
  fieldsHidden?: boolean
}

/** The schema and its own definitions, as entries of the `$defs` of one document that holds several schemas. */
export function moveDefinitions(schema: Json, options: SimplifyOptions): JsonObject {
  const simple = simplifySchema(schema, options)
  if (typeof simple !== 'object' || simple === null || Array.isArray(simple)) return {[options.name]: simple}
  const {$defs, definitions, ...rest} = simple
  const own = Object.entries({...(definitions as JsonObject), ...($defs as JsonObject)})
  return {[options.name]: rest, ...Object.fromEntries(own.map(([key, value]) => [`${options.name}.${key}`, value]))}
}

/**
 * A schema reduced to what shapes a type. Titles are labels of form fields, not names of types (`URL` would hide the
 * global one), and extra keys that a schema lets pass are still not worth an index signature on every type.
 */
function simplifySchema(schema: Json, options: SimplifyOptions): Json {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return schema
  const kept: JsonObject = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === '$ref') kept.$ref = moveReference(value, options.name)
    else if (KEPT.includes(keyword)) kept[keyword] = value
    else if (SCHEMAS.includes(keyword)) kept[keyword] = simplifySchema(value, options)
    else if (LISTS.includes(keyword)) kept[keyword] = mapList(value, options)
    else if (TABLES.includes(keyword)) kept[keyword] = mapTable(value, options)
  }
  const filled = options.defaultsFilled ? requireDefaulted(kept, schema) : kept
  return nameTuples(openFreeObjects(options.fieldsHidden ? allowHidden(filled, schema) : filled))
}

function mapList(value: Json, options: SimplifyOptions): Json {
  // A branch that is not taken leaves its defaults out.
  return Array.isArray(value) ? value.map(item => simplifySchema(item, {...options, defaultsFilled: false})) : value
}

function mapTable(value: Json, options: SimplifyOptions): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, simplifySchema(schema, options)]))
}

/** `#` becomes `#/$defs/Name`, and `#/$defs/x`, which moved up, `#/$defs/Name.x`. */
function moveReference(reference: Json, name: string): string {
  if (typeof reference !== 'string' || !/^#(\/|$)/.test(reference)) {
    throw new Error(`"$ref" must point into its own schema, as "#/$defs/name" does: ${JSON.stringify(reference)}`)
  }
  const [, definition] = /^#\/(?:\$defs|definitions)\/(.+)$/.exec(reference) ?? []
  return definition === undefined ? `#/$defs/${name}${reference.slice(1)}` : `#/$defs/${name}.${definition}`
}

function requireDefaulted(kept: JsonObject, schema: JsonSchema): JsonObject {
  const properties = Object.entries((schema.properties ?? {}) as {[name: string]: Json})
  const filled = properties
    .filter(([, property]) => typeof property === 'object' && property !== null && 'default' in property)
    .map(([name]) => name)
  const required = Array.isArray(schema.required) ? schema.required : []
  return filled.length > 0 ? {...kept, required: [...new Set([...required, ...filled])]} : kept
}

function allowHidden(kept: JsonObject, {properties}: JsonSchema): JsonObject {
  if (!Array.isArray(kept.required)) return kept
  const fields = (properties ?? {}) as {[name: string]: Json}
  const isHidden = (name: Json): boolean => Object.hasOwn(Object(fields[String(name)] ?? null), 'x-fp-when')
  return {...kept, required: kept.required.filter(name => !isHidden(name))}
}

function openFreeObjects(schema: JsonObject): JsonObject {
  const says = [
    'properties',
    'additionalProperties',
    'patternProperties',
    '$ref',
    'allOf',
    'anyOf',
    'oneOf',
    'const',
    'enum',
  ]
  return schema.type === 'object' && !says.some(keyword => keyword in schema)
    ? {...schema, additionalProperties: true}
    : schema
}

/** The types' generator knows tuples by their older spelling. */
function nameTuples({prefixItems, ...schema}: JsonObject): JsonObject {
  return prefixItems === undefined ? schema : {...schema, items: prefixItems, additionalItems: schema.items ?? true}
}
