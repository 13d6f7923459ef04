import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import type {FieldInfo, Module} from '../record-types.ts'
import {checkValue} from './check-value.ts'
import {findFields, OWN_KEY} from './desk-catalogue.ts'

/** One value and where it goes; null takes it away. */
export interface FieldWrite {
  path: string[]
  value: Json
}

interface Problem {
  pointer: string
  message: string
}

export interface ChangeContext {
  module: Module
  fields: readonly FieldInfo[]
  /** For messages: `change request 12`. */
  action: string
  /** Values the record has outside the catalogue; they may be changed and taken away. */
  own: JsonObject
}

/** What a main server does not want, with the reason. */
export function refuse(action: string, reason: string, problems: Problem[] = []): never {
  throw new HostError('MAIN_SERVER_REFUSED', {action, reason, category: 'business', problems})
}

/** Fields are named by id, label or short form, custom ones also below `fields` (of an asset: `attributes`). */
export function readWrites(given: JsonObject, context: ChangeContext): FieldWrite[] {
  const problems: Problem[] = []
  const writes: FieldWrite[] = []
  for (const [pointer, name, value] of flatten(given, OWN_KEY[context.module])) {
    const read = readWrite(name, value, context)
    if ('problem' in read) problems.push({pointer, message: read.problem})
    else writes.push(read)
  }
  if (problems.length > 0) refuse(context.action, problems.map(({message}) => message).join('; '), problems)
  return writes
}

function flatten(given: JsonObject, ownKey: string): [pointer: string, name: string, value: Json][] {
  return Object.entries(given).flatMap(([name, value]): [string, string, Json][] =>
    name === ownKey && isObject(value)
      ? Object.entries(value).map(([own, child]) => [`/${ownKey}/${own}`, own, child])
      : [[`/${name}`, name, value]],
  )
}

function readWrite(name: string, value: Json, {module, fields, own}: ChangeContext): FieldWrite | {problem: string} {
  const found = findFields(fields, name)
  if (found.length > 1) {
    return {problem: `"${name}" names several fields: ${found.map(({id}) => id).join(', ')}`}
  }
  const [field] = found
  if (!field) {
    // An asset is what its sources say of it; a request has the fields of its form.
    const known = (module === 'asset' && name !== '__proto__') || Object.hasOwn(own, name)
    return known ? {path: [OWN_KEY[module], name], value} : {problem: `there is no field "${name}"`}
  }
  if (field.readOnly) return {problem: `"${name}" cannot be changed`}
  const checked = checkValue(field, value)
  return 'problem' in checked
    ? {problem: `"${name}" ${checked.problem}`}
    : {path: [...field.path], value: checked.value}
}

/** The record with the writes in it. What is kept as a text or a flag stays one: a text is emptied, never taken away. */
export function applyWrites<T extends object>(record: T, writes: readonly FieldWrite[], ownKey: string): T {
  const next = {...record} as {[key: string]: unknown}
  const own: JsonObject = {...(next[ownKey] as JsonObject)}
  for (const {path, value} of writes) {
    const [first = '', second] = path
    if (first !== ownKey) next[first] = value ?? ''
    else if (second !== undefined && value === null) delete own[second]
    else if (second !== undefined) own[second] = value
  }
  return {...next, [ownKey]: own} as T
}

/** Labels of the required fields that a new record has no value for. */
export function listMissing(record: object, fields: readonly FieldInfo[]): string[] {
  const missing = fields.filter(({required, readOnly, path}) => required && !readOnly && isEmpty(read(record, path)))
  return missing.map(({label}) => label)
}

function read(record: object, path: readonly string[]): unknown {
  return path.reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), record)
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
