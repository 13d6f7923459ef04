import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {CERTAIN, expandSchemas, isObject, itemSchemas, propertySchemas} from '../expand-schemas.ts'
import {holdsFor} from '../field-conditions.ts'
import type {JsonSchema} from '../manifest.ts'
import {escapePointer, type Problem} from '../schema.ts'

const WHEN = 'x-fp-when'

/** A configuration without its hidden fields, with the defaults of those that are shown. */
export interface SettledConfig {
  config: JsonObject
  /** JSON pointers of the fields that are hidden. */
  hidden: string[]
  /** Shown, required, and not there. */
  missing: Problem[]
}

/** Drops what `x-fp-when` hides and fills in defaults, as the next condition may look at one. */
export function settleConditions(schema: JsonSchema, config: JsonObject): SettledConfig {
  const settled: SettledConfig = {config, hidden: [], missing: []}
  // An object stays one.
  if (hasConditions(schema)) settled.config = settle([schema], config, '', {root: schema, settled}) as JsonObject
  return settled
}

/**
 * The schema that a settled configuration is to fit: a field that may be hidden is neither required nor filled in, as
 * `settleConditions` has seen to both. The same object when there is no such field.
 */
export function relaxConditions(schema: JsonSchema): JsonSchema {
  return hasConditions(schema) ? (relax(schema) as JsonSchema) : schema
}

interface Settling {
  root: JsonSchema
  settled: SettledConfig
}

function settle(schemas: Json[], value: Json, place: string, settling: Settling): Json {
  const all = expandSchemas(schemas, settling.root, CERTAIN)
  if (Array.isArray(value)) {
    return value.map((item, index) => {
      const own = all.flatMap(schema => itemSchemas(schema, index))
      return settle(own, item, `${place}/${index}`, settling)
    })
  }
  return isObject(value) ? settleObject(all, value, place, settling) : value
}

function settleObject(all: JsonObject[], value: JsonObject, place: string, settling: Settling): JsonObject {
  const fields = findFields(all)
  const isShown = createShown(fields, value)
  const required = new Set(all.flatMap(({required}) => (Array.isArray(required) ? required : [])))
  const {hidden, missing} = settling.settled
  const result: JsonObject = {}
  for (const name of new Set([...Object.keys(value), ...fields.keys()])) {
    const pointer = `${place}/${escapePointer(name)}`
    const given = Object.hasOwn(value, name) ? value[name] : undefined
    if (!isShown(name)) hidden.push(pointer)
    else if (given !== undefined || fields.get(name)?.default !== undefined) {
      const own = all.flatMap(schema => propertySchemas(schema, name))
      const settled = settle(own, given ?? structuredClone(fields.get(name)?.default ?? null), pointer, settling)
      // A key like __proto__ stays a key.
      Object.defineProperty(result, name, {value: settled, enumerable: true, writable: true, configurable: true})
    } else if (fields.get(name)?.when !== undefined && required.has(name)) {
      missing.push({pointer, message: 'is required'})
    }
  }
  return result
}

interface Field {
  when?: Json
  default?: Json
}

function findFields(all: JsonObject[]): Map<string, Field> {
  const fields = new Map<string, Field>()
  for (const {properties} of all) {
    for (const [name, schema] of Object.entries(isObject(properties) ? properties : {})) {
      if (!isObject(schema)) continue
      const known = fields.get(name) ?? {}
      const when = known.when ?? schema[WHEN]
      const value = known.default ?? schema.default
      fields.set(name, {...(when !== undefined && {when}), ...(value !== undefined && {default: value})})
    }
  }
  return fields
}

/** A hidden field has no value for the conditions of others. In a circle the one asked about first counts as shown. */
function createShown(fields: Map<string, Field>, value: JsonObject): (name: string) => boolean {
  const decided = new Map<string, boolean>()
  function isShown(name: string): boolean {
    const known = decided.get(name)
    if (known !== undefined) return known
    const when = fields.get(name)?.when
    decided.set(name, true)
    const shown = when === undefined || holdsFor(when, readField)
    decided.set(name, shown)
    return shown
  }
  function readField(name: string): Json | undefined {
    if (!isShown(name)) return undefined
    return Object.hasOwn(value, name) ? value[name] : fields.get(name)?.default
  }
  return isShown
}

const known = new WeakMap<JsonSchema, boolean>()

function hasConditions(schema: JsonSchema): boolean {
  const found = known.get(schema) ?? JSON.stringify(schema).includes(`"${WHEN}":`)
  known.set(schema, found)
  return found
}

const MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']

function relax(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(relax)
  if (!isObject(schema)) return schema
  const conditional = new Set(
    Object.entries(isObject(schema.properties) ? schema.properties : {})
      .filter(([, field]) => isObject(field) && field[WHEN] !== undefined)
      .map(([name]) => name),
  )
  return mapValues(schema, (part, keyword) => {
    if (keyword === 'required' && Array.isArray(part)) return part.filter(name => !conditional.has(String(name)))
    if (['default', 'const', 'enum', 'examples', WHEN].includes(keyword)) return part
    if (!MAPS.includes(keyword) || !isObject(part)) return relax(part)
    return mapValues(part, (field, name) => {
      if (keyword !== 'properties' || !conditional.has(name)) return relax(field)
      const {default: _, ...rest} = field as JsonObject
      return relax(rest)
    })
  })
}

function mapValues(object: JsonObject, change: (value: Json, key: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]))
}
