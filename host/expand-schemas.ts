import type {Json, JsonObject} from '../runtime/protocol.ts'
import type {JsonSchema} from './manifest.ts'

/** The keywords under which further schemas speak of the same value; `$ref` is always followed. */
export interface Followed {
  single: readonly string[]
  lists: readonly string[]
  maps: readonly string[]
}

/** What must hold in any case. */
export const CERTAIN: Followed = {single: [], lists: ['allOf'], maps: []}
/** What may hold, too. */
export const POSSIBLE: Followed = {
  single: ['if', 'then', 'else', 'not'],
  lists: ['allOf', 'anyOf', 'oneOf'],
  maps: ['dependentSchemas'],
}

/** The schemas themselves and all that apply to the same value, references resolved, each once. */
export function expandSchemas(schemas: readonly Json[], root: JsonSchema, followed: Followed): JsonObject[] {
  const found = new Set<JsonObject>()
  const waiting = [...schemas]
  for (let schema = waiting.pop(); schema !== undefined; schema = waiting.pop()) {
    if (!isObject(schema) || found.has(schema)) continue
    found.add(schema)
    if (typeof schema.$ref === 'string') waiting.push(resolvePointer(root, schema.$ref))
    for (const name of followed.single) waiting.push(schema[name] ?? null)
    for (const name of followed.lists) if (Array.isArray(schema[name])) waiting.push(...schema[name])
    for (const name of followed.maps) if (isObject(schema[name])) waiting.push(...Object.values(schema[name]))
  }
  return [...found]
}

export function itemSchemas(schema: JsonObject, index: number): Json[] {
  const prefix = Array.isArray(schema.prefixItems) ? schema.prefixItems[index] : undefined
  return [prefix ?? schema.items ?? null, schema.contains ?? null]
}

export function propertySchemas(schema: JsonObject, key: string): Json[] {
  const named =
    isObject(schema.properties) && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined
  const patterns = isObject(schema.patternProperties) ? Object.entries(schema.patternProperties) : []
  const matching = patterns.filter(([pattern]) => new RegExp(pattern, 'u').test(key)).map(([, child]) => child)
  return [named ?? schema.additionalProperties ?? null, ...matching]
}

function resolvePointer(root: JsonSchema, reference: string): Json {
  if (!reference.startsWith('#')) return null
  const steps = decodeURIComponent(reference.slice(1)).split('/').slice(1)
  return steps.reduce<Json>((node, step) => {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    return isObject(node) ? (node[key] ?? null) : Array.isArray(node) ? (node[Number(key)] ?? null) : null
  }, root)
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
