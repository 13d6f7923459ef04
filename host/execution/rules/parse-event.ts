import {isDeepStrictEqual} from 'node:util'
import type {Json, JsonObject} from '../../../runtime/protocol.ts'
import {HostError} from '../../errors.ts'
import {MODULES, type Module} from '../../record-types.ts'
import type {EventRow} from '../../store/events.ts'
import type {MainEvent} from '../../workflow-types.ts'

export const EVENT_TYPE = /^[a-z][\w-]*(\.[\w-]+)*$/i
const LONGEST_TYPE = 100
const ID = /^[\x21-\x7e]{1,200}$/
/** A record and the record as it was, as JSON; characters. */
const LARGEST = 512 * 1024

function refuse(reason: string): never {
  throw new HostError('EVENT_INVALID', {reason})
}

/** The module that an event's type begins with, or `request`. */
export function moduleOfType(type: string): Module {
  return MODULES.find(module => type.startsWith(`${module}.`)) ?? 'request'
}

/** What is kept of an event. Throws EVENT_INVALID. */
export function parseEvent(
  {id, type, module, record, old}: MainEvent,
  {now, by, createId}: {now: number; by: string; createId: () => string},
): EventRow {
  if (typeof type !== 'string' || type.length > LONGEST_TYPE || !EVENT_TYPE.test(type))
    refuse(`its type must be words joined by dots, as request.created, of up to ${LONGEST_TYPE} characters`)
  if (id !== undefined && (typeof id !== 'string' || !ID.test(id)))
    refuse('its id must have 1 to 200 visible ASCII characters')
  if (module !== undefined && !MODULES.includes(module)) refuse(`its module must be one of ${MODULES.join(', ')}`)
  const event = {module: module ?? moduleOfType(type), record: parseRecord(record, 'record'), old: parseOld(old)}
  if (JSON.stringify(event).length > LARGEST) refuse(`its records have over ${LARGEST} characters`)
  return {id: id ?? createId(), type, ...event, at: now, by, processed: false}
}

/** A second delivery says the same as the first. Throws EVENT_INVALID when it does not: that is another event. */
export function requireSame(first: EventRow, second: EventRow): void {
  const same = (['type', 'module', 'record', 'old'] as const).every(key => isDeepStrictEqual(first[key], second[key]))
  if (!same) refuse(`another event has come with the id "${first.id}"; each needs an id of its own`)
}

function parseOld(old: unknown): JsonObject | null {
  return old === undefined || old === null ? null : parseRecord(old, 'old record')
}

function parseRecord(value: unknown, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse(`its ${what} must be an object`)
  const record = structuredClone(value) as JsonObject
  const id: Json | undefined = record.id
  if (typeof id === 'number') return {...record, id: String(id)}
  if (id !== undefined && typeof id !== 'string') refuse(`the id of its ${what} must be text or a number`)
  return record
}
