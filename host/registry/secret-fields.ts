import {isDeepStrictEqual} from 'node:util'
import type {Json} from '../../runtime/protocol.ts'
import {expandSchemas, isObject, itemSchemas, POSSIBLE, propertySchemas} from '../expand-schemas.ts'
import type {JsonSchema} from '../manifest.ts'
import {escapePointer, type Problem} from '../schema.ts'
import {SECRET_MASK} from '../types.ts'

/** A copy with every value marked `x-fp-secret: true` replaced by the mask, however deep it is. */
export function maskSecrets<T extends Json>(schema: JsonSchema, value: T): T {
  // Only a schema that calls the whole value a secret changes its type; what shows it shows the mask.
  return mapSecrets([schema], value, schema, () => SECRET_MASK) as T
}

/** All secret texts in a value; a secret object or list counts with every text in it. */
export function listSecrets(schema: JsonSchema, value: Json): string[] {
  const found: string[] = []
  mapSecrets([schema], value, schema, secret => {
    found.push(...listLeaves(secret))
    return secret
  })
  return found
}

function listLeaves(value: Json): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(listLeaves)
  return typeof value === 'string' || typeof value === 'number' ? [String(value)] : []
}

/** Walks value and schemas side by side; several schemas may speak of one value. */
function mapSecrets(schemas: Json[], value: Json, root: JsonSchema, replace: (secret: Json) => Json): Json {
  const all = expandSchemas(schemas, root, POSSIBLE)
  if (value !== null && value !== '' && all.some(schema => schema['x-fp-secret'] === true)) return replace(value)
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      mapSecrets(
        all.flatMap(schema => itemSchemas(schema, index)),
        item,
        root,
        replace,
      ),
    )
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      mapSecrets(
        all.flatMap(schema => propertySchemas(schema, key)),
        child,
        root,
        replace,
      ),
    ]),
  )
}

/**
 * Puts the kept secrets back where the new configuration has the mask. `shown` is the kept one masked, as its reader saw it.
 * A mask where nothing is kept is a problem, not a secret that reads like one.
 */
export function restoreSecrets(next: Json, kept: Json, shown: Json, problems: Problem[], pointer = ''): Json {
  if (next === SECRET_MASK) {
    if (shown === SECRET_MASK) return kept
    problems.push({pointer, message: 'has no stored value to keep: enter it'})
  }
  if (Array.isArray(next)) {
    return next.map((item, index) => {
      const match = findMatch(next, shown, index)
      return restoreSecrets(item, at(kept, match), at(shown, match), problems, `${pointer}/${index}`)
    })
  }
  if (!isObject(next)) return next
  return Object.fromEntries(
    Object.entries(next).map(([key, item]) => [
      key,
      restoreSecrets(item, at(kept, key), at(shown, key), problems, `${pointer}/${escapePointer(key)}`),
    ]),
  )
}

/** Where an item of a list was before. By what it shows, so that a removed neighbour does not shift secrets to a wrong item. */
function findMatch(next: Json[], shown: Json, index: number): number {
  if (!Array.isArray(shown)) return -1
  if (isDeepStrictEqual(shown[index], next[index])) return index
  const other = shown.findIndex(item => isDeepStrictEqual(item, next[index]))
  if (other >= 0) return other
  return shown.length === next.length ? index : -1
}

function at(value: Json, key: string | number): Json {
  if (Array.isArray(value)) return value[Number(key)] ?? null
  return isObject(value) && Object.hasOwn(value, key) ? (value[key] ?? null) : null
}
