import type {Json, JsonObject} from '../../../runtime/protocol.ts'
import type {FieldInfo} from '../../record-types.ts'

/** Type codes of the vendor's values of custom fields. */
export const VALUE_CODES = {
  string: 1,
  integer: 2,
  double: 3,
  boolean: 4,
  long: 5,
  integerList: 7,
  stringList: 8,
  bigString: 10,
} as const
const KEYS: {[code: number]: string} = {
  1: 'stringValue',
  2: 'integerValue',
  3: 'doubleValue',
  4: 'booleanValue',
  5: 'longValue',
  7: 'integerListValue',
  8: 'stringListValue',
  10: 'bigStringValue',
}
const LONGEST_STRING = 255
const CUSTOM = 'cf:'

/** The value map of requests: `{"35": {"type": 1, "stringValue": "x"}}`. */
export function encodeValues(values: readonly {field: FieldInfo; value: Json}[]): JsonObject {
  return Object.fromEntries(values.map(({field, value}) => [field.id.slice(CUSTOM.length), encodeValue(field, value)]))
}

function encodeValue(field: FieldInfo, value: Json): JsonObject {
  const code = chooseCode(field, value)
  const sent = field.type === 'date' && typeof value === 'string' ? Date.parse(value) : value
  return {type: code, [KEYS[code] ?? 'stringValue']: sent ?? (code === VALUE_CODES.stringList ? [] : '')}
}

function chooseCode({type}: FieldInfo, value: Json): number {
  if (type === 'tags') return VALUE_CODES.stringList
  if (value === null) return VALUE_CODES.string
  if (type === 'boolean') return VALUE_CODES.boolean
  if (type === 'date') return VALUE_CODES.long
  if (type === 'number') return Number.isSafeInteger(value) ? VALUE_CODES.long : VALUE_CODES.double
  return typeof value === 'string' && value.length > LONGEST_STRING ? VALUE_CODES.bigString : VALUE_CODES.string
}

/** Values by label; those of fields the catalogue does not know are left out. */
export function decodeValues(map: Json | undefined, fields: readonly FieldInfo[]): JsonObject {
  if (!isObject(map)) return {}
  const decoded = fields.flatMap((field): [string, Json][] => {
    const entry = field.id.startsWith(CUSTOM) ? map[field.id.slice(CUSTOM.length)] : undefined
    const value = isObject(entry) ? readValue(entry) : null
    return value === null ? [] : [[field.label, field.type === 'date' ? toDate(value) : value]]
  })
  return Object.fromEntries(decoded)
}

/** Whatever the key is called: builds differ in all but `stringValue`. */
function readValue(entry: JsonObject): Json {
  const key = Object.keys(entry).find(name => name.endsWith('Value'))
  const value = key === undefined ? null : (entry[key] ?? null)
  return value === '' ? null : value
}

function toDate(value: Json): Json {
  return typeof value === 'number' ? new Date(value).toISOString() : value
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
