import fc from 'fast-check'
import type {Json, JsonObject} from '../../runtime/protocol.ts'

/** The part of JSON Schema that our OpenAPI document uses. */
export interface Schema {
  $ref?: string
  type?: string | string[]
  enum?: Json[]
  const?: Json
  anyOf?: Schema[]
  oneOf?: Schema[]
  properties?: {[name: string]: Schema}
  required?: string[]
  additionalProperties?: boolean | Schema
  items?: Schema
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  pattern?: string
  minProperties?: number
}

type Components = {[name: string]: unknown}

export interface InvalidValue {
  why: string
  value: Json
}

const DEEPEST = 4

/** Values by the schemas of one OpenAPI document: one that fits, any that fit, and such as do not. */
export class SchemaValues {
  readonly #components: Components

  constructor(components: Components) {
    this.#components = components
  }

  resolve(schema: Schema): Schema {
    const name = schema.$ref?.split('/').at(-1)
    return name === undefined ? schema : this.resolve(this.#components[name] as Schema)
  }

  /** A small one that fits, the same each time. */
  sample(given: Schema): Json {
    const schema = this.resolve(given)
    const [first] = schema.anyOf ?? schema.oneOf ?? []
    if (schema.const !== undefined) return schema.const
    if (schema.enum) return schema.enum[0] ?? null
    if (first) return this.sample(first)
    switch (typeOf(schema)) {
      case 'object':
        return Object.fromEntries(
          (schema.required ?? []).map(name => [name, this.sample(schema.properties?.[name] ?? {})]),
        )
      case 'array':
        return Array.from({length: schema.minItems ?? 0}, () => this.sample(schema.items ?? {}))
      case 'string':
        return schema.pattern === undefined
          ? 'x'.repeat(schema.minLength ?? 1)
          : (fc.sample(fc.stringMatching(new RegExp(schema.pattern)), {seed: 1, numRuns: 1})[0] ?? '')
      case 'integer':
      case 'number':
        return schema.minimum ?? (schema.exclusiveMinimum ?? 0) + 1
      case 'boolean':
        return true
      default:
        return null
    }
  }

  /** Any that fit. */
  any(given: Schema, depth = 0): fc.Arbitrary<Json> {
    const schema = this.resolve(given)
    const choices = schema.anyOf ?? schema.oneOf
    if (schema.const !== undefined) return fc.constant(schema.const)
    if (schema.enum) return fc.constantFrom(...schema.enum)
    if (choices) return fc.oneof(...choices.map(choice => this.any(choice, depth + 1)))
    const types = [schema.type ?? []].flat()
    if (types.length > 1) return fc.oneof(...types.map(type => this.any({...schema, type}, depth)))
    switch (types[0]) {
      case 'object':
        return this.#anyObject(schema, depth)
      case 'array': {
        const {minItems: minLength = 0, maxItems = minLength + 3} = schema
        return fc.array(this.any(schema.items ?? {}, depth + 1), {
          minLength,
          maxLength: Math.min(maxItems, minLength + 3),
        })
      }
      case 'string':
        return anyString(schema)
      case 'integer':
        return fc.integer({min: schema.minimum ?? -(2 ** 31), max: schema.maximum ?? 2 ** 31})
      case 'number':
        return fc.double({min: schema.minimum ?? -1e9, max: schema.maximum ?? 1e9, noNaN: true})
      case 'boolean':
        return fc.boolean()
      case 'null':
        return fc.constant(null)
      default:
        return fc.jsonValue({maxDepth: 2}).filter(isHarmless) as fc.Arbitrary<Json>
    }
  }

  /** Such as do not fit, each with one thing wrong. */
  listInvalid(given: Schema, base = this.sample(given), place = '', depth = 0): InvalidValue[] {
    const schema = this.resolve(given)
    if (schema.anyOf || schema.oneOf || depth > DEEPEST) return []
    const wrong = [...listWrongTypes(schema), ...listWrongTexts(schema), ...listWrongNumbers(schema)].map(value => ({
      why: `${place || 'it'} is ${JSON.stringify(value).slice(0, 40)}`,
      value,
    }))
    if (typeOf(schema) === 'array') return [...wrong, ...this.#listWrongItems(schema, base as Json[], place, depth)]
    if (typeOf(schema) !== 'object') return wrong
    return [...wrong, ...this.#listWrongKeys(schema, base as JsonObject, place, depth)]
  }

  #anyObject({properties = {}, required = [], additionalProperties}: Schema, depth: number): fc.Arbitrary<Json> {
    const entries = Object.entries(properties).filter(([name]) => depth <= DEEPEST || required.includes(name))
    const named = fc.record(Object.fromEntries(entries.map(([name, schema]) => [name, this.any(schema, depth + 1)])), {
      requiredKeys: required.filter(name => name in properties),
      noNullPrototype: true,
    }) as fc.Arbitrary<JsonObject>
    if (additionalProperties === false || depth > DEEPEST) return named
    const more =
      typeof additionalProperties === 'object' ? this.any(additionalProperties, depth + 1) : fc.jsonValue({maxDepth: 1})
    const names = fc.string({minLength: 1, maxLength: 12}).filter(isHarmless)
    return fc
      .tuple(
        named,
        fc.dictionary(names, more.filter(isHarmless) as fc.Arbitrary<Json>, {maxKeys: 3, noNullPrototype: true}),
      )
      .map(([one, other]) => ({...other, ...one}))
  }

  #listWrongItems(
    {items = {}, minItems = 0, maxItems}: Schema,
    base: Json[],
    place: string,
    depth: number,
  ): InvalidValue[] {
    const item = base[0] ?? this.sample(items)
    return [
      ...(minItems > 0 ? [{why: `${place} has too few`, value: base.slice(0, minItems - 1)}] : []),
      ...(maxItems !== undefined && maxItems < 100_000
        ? [{why: `${place} has too many`, value: Array.from({length: maxItems + 1}, () => item)}]
        : []),
      ...this.listInvalid(items, item, `${place}/0`, depth + 1).map(({why, value}) => ({why, value: [value]})),
    ]
  }

  #listWrongKeys(schema: Schema, base: JsonObject, place: string, depth: number): InvalidValue[] {
    const {properties = {}, required = [], additionalProperties} = schema
    const without = (name: string): JsonObject =>
      Object.fromEntries(Object.entries(base).filter(([key]) => key !== name))
    return [
      ...required.map(name => ({why: `${place}/${name} is missing`, value: without(name)})),
      ...(additionalProperties === false
        ? [{why: `${place} has an unknown key`, value: {...base, unknownKey: 1}}]
        : []),
      ...Object.entries(properties).flatMap(([name, child]) =>
        this.listInvalid(child, (base[name] ?? this.sample(child)) as Json, `${place}/${name}`, depth + 1).map(
          ({why, value}) => ({why, value: {...base, [name]: value}}),
        ),
      ),
    ]
  }
}

const typeOf = ({type}: Schema): string | undefined => [type ?? []].flat()[0]

const OF_EACH_TYPE: {[type: string]: Json} = {
  string: 'text',
  number: 1.5,
  boolean: true,
  null: null,
  array: ['text'],
  object: {key: 'text'},
}

function listWrongTypes(schema: Schema): Json[] {
  const types = [schema.type ?? []].flat()
  if (types.length === 0) return []
  const fits = (name: string): boolean => types.includes(name)
  const wrong = Object.entries(OF_EACH_TYPE).filter(([name]) => !fits(name))
  return wrong.map(([, value]) => value)
}

function listWrongTexts(schema: Schema): Json[] {
  if (typeOf(schema) !== 'string') return []
  const {minLength = 0, maxLength, pattern} = schema
  return [
    ...(schema.enum ? ['no such word', '', '__proto__'] : []),
    ...(minLength > 0 ? ['x'.repeat(minLength - 1)] : []),
    ...(maxLength !== undefined && maxLength <= 200_000 ? ['x'.repeat(maxLength + 1)] : []),
    ...(pattern !== undefined ? ['\u0000', '\n', '\ud800'].filter(text => !new RegExp(pattern).test(text)) : []),
  ]
}

function listWrongNumbers(schema: Schema): Json[] {
  const type = typeOf(schema)
  if (type !== 'integer' && type !== 'number') return []
  const {minimum, maximum, exclusiveMinimum} = schema
  return [
    ...(minimum !== undefined ? [minimum - 1] : []),
    ...(exclusiveMinimum !== undefined ? [exclusiveMinimum] : []),
    ...(maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? [maximum + 1] : []),
  ]
}

function anyString({minLength = 0, maxLength = 40, pattern}: Schema): fc.Arbitrary<string> {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern))
  const limits = {minLength, maxLength: Math.min(maxLength, minLength + 40)}
  return fc
    .oneof(fc.string(limits), fc.string({...limits, unit: 'binary'}), fc.constantFrom(...ODD_TEXTS))
    .map(text => {
      const padded = text.padEnd(minLength, 'x')
      return padded.length <= maxLength ? padded : padded.slice(0, maxLength)
    })
}

const ODD_TEXTS = [
  '../../etc/passwd',
  '{#Name}',
  '{#',
  'a\u0000b',
  '\ud800',
  'İ',
  'constructor',
  '1e999',
  "'; DROP TABLE x",
]

/** The server refuses these keys in any body, which is tested by itself. */
function isHarmless(value: unknown): boolean {
  return !/__proto__|constructor|prototype/.test(JSON.stringify(value))
}
