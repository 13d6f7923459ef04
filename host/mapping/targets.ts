import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {CERTAIN, expandSchemas, isObject, POSSIBLE, propertySchemas} from '../expand-schemas.ts'
import type {JsonSchema} from '../manifest.ts'
import type {Fault} from './references.ts'
import {suggestName} from './suggest-name.ts'
import {listSchemaTypes} from './value-types.ts'

/** A place in the input. */
export interface Target {
  path: string[]
  /** What may be said of the value; empty for nothing. */
  schemas: JsonObject[]
  /** What it is in, as `path` but without its last name, needs it. */
  required: boolean
  /** It, or what it is in, is marked as a secret. */
  secret: boolean
  /** `x-fp-context`. */
  context: string | null
  /** The schema does not name it, and does not forbid it either. */
  undeclared: boolean
}

const REFUSED = ['__proto__', 'constructor', 'prototype']

/** The names that lead to it; a dot in a name is written `\.`. */
export function splitTarget(target: string): string[] {
  const names = ['']
  for (let at = 0; at < target.length; at++) {
    const isEscaped = target.charAt(at) === '\\' && at + 1 < target.length
    if (target.charAt(at) === '.') names.push('')
    else names.push(`${names.pop() ?? ''}${target.charAt(isEscaped ? ++at : at)}`)
  }
  return names
}

export function joinTarget(path: readonly string[]): string {
  return path.map(name => name.replaceAll(/[.\\]/g, '\\$&')).join('.')
}

export function findTarget(target: string, root: JsonSchema): Target | Fault {
  const path = splitTarget(target)
  if (path.some(name => name === '' || REFUSED.includes(name))) {
    const message = `"${target}" names no parameter`
    return {code: 'TARGET_INVALID', message, remedy: 'Write names joined by dots; a dot in a name is \\.'}
  }
  let schemas = expandSchemas([root], root, POSSIBLE)
  let certain = expandSchemas([root], root, CERTAIN)
  const found: Target = {path, schemas, required: false, secret: false, context: null, undeclared: false}
  for (const [depth, name] of path.entries()) {
    const fault = refuseStep(path.slice(0, depth), name, {schemas, certain})
    if (fault) return fault
    found.required = certain.some(({required}) => Array.isArray(required) && required.includes(name))
    found.undeclared ||= isUndeclared(schemas, name)
    schemas = expandSchemas(step(schemas, name), root, POSSIBLE)
    certain = expandSchemas(step(certain, name), root, CERTAIN)
    found.secret ||= schemas.some(schema => schema['x-fp-secret'] === true)
  }
  // What has a default is filled in.
  if (schemas.some(schema => 'default' in schema)) found.required = false
  const contexts = schemas.map(schema => schema['x-fp-context']).filter(context => typeof context === 'string')
  return {...found, schemas, context: contexts[0] ?? null}
}

function step(schemas: readonly JsonObject[], name: string): Json[] {
  return schemas.flatMap(schema => propertySchemas(schema, name))
}

function refuseStep(
  before: readonly string[],
  name: string,
  {schemas, certain}: {schemas: readonly JsonObject[]; certain: readonly JsonObject[]},
): Fault | undefined {
  const types = listSchemaTypes(schemas)
  const parent = joinTarget(before)
  if (types.length > 0 && !types.includes('object')) {
    const message = `Nothing can be set within "${parent}", which is ${types.join(' or ')}`
    return {code: 'TARGET_UNKNOWN', message, remedy: `Set "${parent}" itself`}
  }
  const isClosed = certain.some(
    schema => schema.additionalProperties === false && !knows(schema, name) && !matchesPattern(schema, name),
  )
  if (!isClosed) return undefined
  const names = listNames(schemas)
  const near = suggestName(name, names)
  const known = before.length === 0 ? 'The action has' : `"${parent}" has`
  return {
    code: 'TARGET_UNKNOWN',
    message: `${known} no parameter "${name}"`,
    remedy: near === undefined ? `There are ${names.join(', ') || 'none'}` : `Did you mean "${near}"?`,
  }
}

function listNames(schemas: readonly JsonObject[]): string[] {
  return schemas.flatMap(({properties}) => (isObject(properties) ? Object.keys(properties) : []))
}

function knows({properties}: JsonObject, name: string): boolean {
  return isObject(properties) && Object.hasOwn(properties, name)
}

function matchesPattern({patternProperties}: JsonObject, name: string): boolean {
  return isObject(patternProperties) && Object.keys(patternProperties).some(each => new RegExp(each, 'u').test(name))
}

/** Among declared parameters, one that is not: allowed, but hardly meant. */
function isUndeclared(schemas: readonly JsonObject[], name: string): boolean {
  const isOpen = schemas.some(
    schema => schema.additionalProperties !== undefined && schema.additionalProperties !== false,
  )
  return (
    listNames(schemas).length > 0 &&
    !isOpen &&
    !schemas.some(schema => knows(schema, name) || matchesPattern(schema, name))
  )
}
