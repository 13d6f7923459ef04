import type {JsonObject} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import type {MainServer} from '../main-server/main-server.ts'
import {MODULES, type Module} from '../types.ts'

/** A record and how it is called: `request:12`. */
export interface FoundRecord {
  module: Module
  record: JsonObject
  /** null for a record given as a whole that has no id. */
  reference: string | null
}

export function parseReference(reference: string): {module: Module; id: string} {
  const [, name, id = ''] = /^([a-z]+):(.{1,512})$/s.exec(reference) ?? []
  const module = MODULES.find(known => known === name)
  if (module && id.trim() !== '') return {module, id}
  const reason = `the record "${reference.slice(0, 100)}" is not named as ${MODULES.map(known => `${known}:<id>`).join(', ')}`
  throw new HostError('REQUEST_INVALID', {reason})
}

/** Reads it from the main server. Rejects with REQUEST_INVALID, RECORD_NOT_FOUND or what the main server says. */
export async function readRecord(mainServer: Pick<MainServer, 'get'>, reference: string): Promise<FoundRecord> {
  const {module, id} = parseReference(reference)
  const record = await mainServer.get(module, id)
  if (!record) throw new HostError('RECORD_NOT_FOUND', {module, id})
  return {module, record, reference: `${module}:${id}`}
}

/** One that came with the request, taken as it is. */
export function takeRecord(module: Module, record: JsonObject): FoundRecord {
  const {id} = record
  const known = (typeof id === 'string' && id !== '') || typeof id === 'number'
  return {module, record, reference: known ? `${module}:${id}` : null}
}
