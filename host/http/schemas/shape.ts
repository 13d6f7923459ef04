import {type Static, type TSchema, type TUnsafe, Type} from 'typebox'
import {ERRORS, type ErrorCode, type Json, type JsonObject} from '../api.ts'

type Fits<A, B> = [A] extends [B] ? ([B] extends [A] ? ([keyof A] extends [keyof B] ? true : false) : false) : false

/** A schema that compiles only while it says the same as the host's type `T`, key by key. */
export function describe<T>(): <S extends TSchema>(schema: Fits<Static<S>, T> extends true ? S : never) => TUnsafe<T> {
  return schema => Type.Unsafe<T>(schema)
}

/** Points at a named component, so that the OpenAPI document says it once. */
export function refer<T>(name: string): TUnsafe<T> {
  return Type.Unsafe<T>({$ref: `${name}#`})
}

export const AnyJson = Type.Unsafe<Json>({description: 'Any JSON value'})
export const AnyObject = Type.Unsafe<JsonObject>({type: 'object', additionalProperties: true})
export const Time = Type.Number({description: 'Milliseconds since 1970'})
export const TimeOrNull = Type.Unsafe<number | null>({type: ['number', 'null'], description: 'Milliseconds since 1970'})
export const TextOrNull = Type.Unsafe<string | null>({type: ['string', 'null']})

/** One of a list of words. */
export function oneOf<const T extends string>(words: readonly T[], description?: string): TUnsafe<T> {
  return Type.Unsafe<T>({type: 'string', enum: [...words], ...(description && {description})})
}

/** `null`, or the object; written so that no validator has to try alternatives. */
export function orNull<T>(schema: TUnsafe<T>): TUnsafe<T | null> {
  return Type.Unsafe<T | null>({anyOf: [schema, {type: 'null'}]})
}

/** Every listing has this shape, so that it can grow. */
export function listOf<T>(schema: TUnsafe<T>): TUnsafe<{items: T[]}> {
  return Type.Unsafe<{items: T[]}>({
    type: 'object',
    required: ['items'],
    properties: {items: {type: 'array', items: schema}},
  })
}

/** A body's or query's fields: all others are refused. */
export function strict<P extends Record<string, TSchema>>(properties: P) {
  return Type.Object(properties, {additionalProperties: false})
}

/** Adds the sentence that OpenAPI shows for this answer. */
export function answer<T extends TSchema>(description: string, schema: T): T {
  return {...schema, description}
}

export const NoContent = Type.Unsafe<null>({type: 'null', description: 'Done; no body'})

/** Refusals that every guarded route knows. */
const EVERYWHERE: ErrorCode[] = [
  'REQUEST_INVALID',
  'TOKEN_REFUSED',
  'TOKEN_SCOPE',
  'HOST_HEADER_REFUSED',
  'TOKEN_ATTEMPTS',
  'REQUEST_HEADERS_TOO_LARGE',
  'HOST_INTERNAL',
  'HOST_STOPPING',
]
/** Those of a route that reads a JSON body. */
export const BODY: ErrorCode[] = ['REQUEST_TIMEOUT', 'REQUEST_TOO_LARGE', 'REQUEST_MEDIA_TYPE']

type ProblemDoc = {description: string; content: {'application/problem+json': {schema: TSchema}}}

/** Documents the refusals of a route: one problem answer for each status, naming the codes it may carry. */
export function refusals(...codes: ErrorCode[]): {[status: string]: ProblemDoc} {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of new Set([...EVERYWHERE, ...codes])) {
    const status = ERRORS[code][0]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      String(status),
      {description: names.join(', '), content: {'application/problem+json': {schema: refer('Problem')}}},
    ]),
  )
}
