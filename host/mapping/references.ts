import type {Json} from '../../runtime/protocol.ts'
import {expandSchemas, isObject, POSSIBLE, propertySchemas} from '../expand-schemas.ts'
import type {JsonSchema} from '../manifest.ts'
import type {FieldInfo, Module} from '../record-types.ts'
import type {FieldIndex} from './fields.ts'
import {suggestName} from './suggest-name.ts'
import {typeOfField, typeOfSchemas, type ValueType} from './value-types.ts'

/** What a name in a template or a condition stands for. */
export type Reference = {label: string; type: ValueType} & (
  | {kind: 'record' | 'old'; field: FieldInfo}
  | {kind: 'config' | 'secret' | 'step' | 'user'; path: string[]; contexts: string[]}
  | {kind: 'now'}
)

export interface Fault {
  code: string
  message: string
  remedy: string
}

export interface Scope {
  index: FieldIndex
  /** Kind of the record; left out where any may come. */
  module?: Module
  /** Left out where a configuration is not at hand: in conditions. */
  configSchema?: JsonSchema
}

/** The record at hand, and which kind it must be of. */
const RECORD_PREFIXES: {[prefix: string]: Module | 'any'} = {
  'ticket.': 'request',
  'request.': 'request',
  'asset.': 'asset',
  'record.': 'any',
  'event.new.': 'any',
}
const OLD_PREFIX = 'event.old.'
const OTHERS = ['steps.', 'config.', 'secret.', 'user.'] as const
const BY_ID_REMEDY = 'Choose one by its id'

/** Finds what a name stands for. In quotes it is a field and nothing else. */
export function resolveReference(name: string, quoted: boolean, scope: Scope): Reference | Fault {
  if (quoted) return findField(name, 'record', scope)
  if (name === 'now') {
    return scope.configSchema ? {kind: 'now', label: 'now', type: 'date'} : refuseInCondition(name)
  }
  const space = OTHERS.find(prefix => name.startsWith(prefix))
  if (space !== undefined) return resolveSpace(space, name, scope)
  if (name.startsWith(OLD_PREFIX)) return findField(name.slice(OLD_PREFIX.length), 'old', scope)
  if (scope.index.find(name).length > 0) return findField(name, 'record', scope)
  const prefix = Object.keys(RECORD_PREFIXES).find(each => name.startsWith(each))
  if (prefix === undefined) return findField(name, 'record', scope)
  const module = RECORD_PREFIXES[prefix]
  if (module !== 'any' && scope.module !== undefined && module !== scope.module) {
    const message = `"${name}" is of another kind of record: this is about the module ${scope.module}`
    return {code: 'REFERENCE_UNKNOWN', message, remedy: 'Name a field of that module'}
  }
  return findField(name.slice(prefix.length), 'record', scope, prefix)
}

export function isFault<T extends object>(found: T | Fault): found is Fault {
  return 'code' in found && 'remedy' in found
}

function findField(name: string, kind: 'record' | 'old', {index}: Scope, prefix = ''): Reference | Fault {
  const found = index.find(name)
  const [field, ...others] = found
  if (!field) {
    const names = index.fields.flatMap(({id, label, aliases = []}) => [label, ...aliases, id])
    const near = suggestName(name, names)
    return {
      code: 'REFERENCE_UNKNOWN',
      message: `There is no field "${prefix}${name}"`,
      remedy: near === undefined ? 'Choose a field of the list' : `Did you mean "${near}"?`,
    }
  }
  if (others.length > 0) {
    const ids = found.map(({id}) => id).join(', ')
    const message = `${found.length} fields are called "${name}"`
    return {code: 'REFERENCE_AMBIGUOUS', message, remedy: `${BY_ID_REMEDY}: ${ids}`}
  }
  return {kind, field, label: kind === 'old' ? `${field.label} before` : field.label, type: typeOfField(field)}
}

function resolveSpace(space: (typeof OTHERS)[number], name: string, scope: Scope): Reference | Fault {
  const path = name.slice(space.length).split('.')
  if (path.some(key => key === '')) {
    return {
      code: 'REFERENCE_UNKNOWN',
      message: `"${name}" is not complete`,
      remedy: `Name what it is of: ${space}<name>`,
    }
  }
  if (space === 'user.') return {kind: 'user', path, contexts: [], label: name, type: 'any'}
  if (space === 'steps.') return {kind: 'step', path, contexts: [], label: name, type: 'any'}
  if (!scope.configSchema) return refuseInCondition(name)
  return resolveConfig(space === 'secret.' ? 'secret' : 'config', path, scope.configSchema)
}

/** Secrets can be named as secrets only, and nothing else can. */
function resolveConfig(kind: 'config' | 'secret', path: string[], root: JsonSchema): Reference | Fault {
  const name = path.join('.')
  let schemas = expandSchemas([root], root, POSSIBLE)
  let isSecret = false
  for (const key of path) {
    const names = schemas.flatMap(({properties}) => (isObject(properties) ? Object.keys(properties) : []))
    schemas = expandSchemas(
      schemas.flatMap(schema => propertySchemas(schema, key)),
      root,
      POSSIBLE,
    )
    if (schemas.length === 0) {
      const near = suggestName(key, names)
      return {
        code: kind === 'secret' ? 'SECRET_UNKNOWN' : 'CONFIG_UNKNOWN',
        message: `The configuration has no field "${name}"`,
        remedy: near === undefined ? `It has ${names.join(', ') || 'no fields there'}` : `Did you mean "${near}"?`,
      }
    }
    isSecret ||= schemas.some(schema => schema['x-fp-secret'] === true)
  }
  if (isSecret && kind === 'config') {
    return {code: 'SECRET_AS_CONFIG', message: `"${name}" is a secret`, remedy: `Write secret.${name}`}
  }
  if (!isSecret && kind === 'secret') {
    return {code: 'SECRET_UNKNOWN', message: `"${name}" is not a secret`, remedy: `Write config.${name}`}
  }
  if (kind === 'config' && holdsSecrets(schemas, root)) {
    return {code: 'SECRET_AS_CONFIG', message: `"${name}" holds secrets`, remedy: 'Name one value of it'}
  }
  const contexts = schemas.flatMap(schema => [
    ...(typeof schema['x-fp-context'] === 'string' ? [schema['x-fp-context']] : []),
    ...(schema.format === 'uri' ? ['url'] : []),
  ])
  return {kind, path, contexts, label: `${kind}.${name}`, type: kind === 'secret' ? 'text' : typeOfSchemas(schemas)}
}

/** However deep. */
function holdsSecrets(schemas: readonly JsonSchema[], root: JsonSchema): boolean {
  const seen = new Set<JsonSchema>()
  const waiting: Json[] = [...schemas]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const schema of expandSchemas([next], root, POSSIBLE)) {
      if (seen.has(schema)) continue
      seen.add(schema)
      if (schema['x-fp-secret'] === true) return true
      const maps = [schema.properties, schema.patternProperties].flatMap(map =>
        isObject(map) ? Object.values(map) : [],
      )
      const lists = [schema.prefixItems].flatMap(list => (Array.isArray(list) ? list : []))
      waiting.push(
        ...maps,
        ...lists,
        schema.additionalProperties ?? null,
        schema.items ?? null,
        schema.contains ?? null,
      )
    }
  }
  return false
}

function refuseInCondition(name: string): Fault {
  const message = `A condition cannot look at "${name}"`
  return {
    code: 'REFERENCE_REFUSED',
    message,
    remedy: 'Compare a field, event.old.<field>, steps.<key>.output or user.<name>',
  }
}
