import type {Effect, Json, JsonObject} from '../../../runtime/protocol.ts'
import type {MainRecord, Module} from '../../record-types.ts'
import {isObject} from '../desk-changes.ts'
import {readAttachment, toEffectFailure} from '../desk-effects.ts'
import type {EffectContext} from '../main-server.ts'
import {refused} from './failure.ts'
import type {RestNotes} from './notes.ts'
import type {RestRecords} from './records.ts'

export interface RestEffectParts {
  records: RestRecords
  notes: RestNotes
}

/** Makes one change. What the server refuses is EFFECT_FAILED, what keeps it from answering MAIN_SERVER_UNAVAILABLE. */
export async function applyByRest(effect: Effect, context: EffectContext, parts: RestEffectParts): Promise<JsonObject> {
  try {
    return await apply(effect, context, parts)
  } catch (error) {
    throw toEffectFailure(effect.op, error)
  }
}

async function apply(effect: Effect, context: EffectContext, {records, notes}: RestEffectParts): Promise<JsonObject> {
  switch (effect.op) {
    case 'request.update':
      await records.update('request', effect.request, effect.fields)
      return {id: effect.request}
    case 'request.create':
      return {id: await records.create('request', effect.fields)}
    case 'request.note':
      await notes.add(effect.request, effect)
      return {id: effect.request}
    case 'request.attach': {
      const {type, data} = await readAttachment(effect.artifact, context)
      await notes.attach(effect.request, {name: effect.artifact, type, data: new Uint8Array(data)})
      return {id: effect.request}
    }
    case 'asset.update':
      await records.update('asset', effect.asset, effect.fields)
      return {id: effect.asset}
    case 'asset.upsert':
      return upsertAsset(effect.asset, records)
    case 'user.upsert':
      return upsertUser(effect.user, records)
  }
}

/**
 * Found by id, else by serial number, else by name, and then changed by id. The vendor's server keeps no key of a source:
 * `source` and `nativeKey` are not sent.
 */
async function upsertAsset(entry: JsonObject, records: RestRecords): Promise<JsonObject> {
  const {id, source: _, nativeKey, ...rest} = entry
  const fields = rest.name === undefined && typeof nativeKey === 'string' ? {...rest, name: nativeKey} : rest
  const known = typeof id === 'string' || typeof id === 'number' ? String(id) : await findAsset(fields, records)
  return upsert('asset', known, fields, records)
}

async function findAsset(fields: JsonObject, records: RestRecords): Promise<string | undefined> {
  const serial = readText(fields, 'serial')
  const bySerial = serial === '' ? undefined : await findOne('asset', {serial}, records)
  if (bySerial) return bySerial.id
  const name = readText(fields, 'name')
  const byName = name === '' ? undefined : await findOne('asset', {name}, records)
  const other = byName ? readText(byName, 'serial') : ''
  if (byName && serial !== '' && other !== '' && other !== serial) {
    const reason = `asset ${byName.id} has the name "${name}" and another serial number, "${other}"`
    throw refused('change the asset', reason)
  }
  return byName?.id
}

async function upsertUser(entry: JsonObject, records: RestRecords): Promise<JsonObject> {
  const {id, ...fields} = entry
  const email = readText(fields, 'email').toLowerCase()
  const found = typeof id === 'string' || email === '' ? undefined : await findOne('user', {email}, records)
  const known = typeof id === 'string' ? id : found?.id
  return upsert('user', known, fields, records)
}

async function upsert(
  module: Module,
  known: string | undefined,
  fields: JsonObject,
  records: RestRecords,
): Promise<JsonObject> {
  if (known === undefined) return {id: await records.create(module, fields), created: true}
  await records.update(module, known, fields)
  return {id: known, created: false}
}

async function findOne(module: Module, where: JsonObject, records: RestRecords): Promise<MainRecord | undefined> {
  const {items} = await records.search(module, {where, limit: 2})
  if (items.length < 2) return items[0]
  const ids = items.map(({id}) => id).join(' and ')
  throw refused(`find the ${module}`, `${module}s ${ids} have the same ${Object.keys(where).join()}`)
}

function readText(record: JsonObject, name: string): string {
  const nested: Json | undefined = isObject(record.attributes) ? record.attributes[name] : undefined
  const value = record[name] ?? nested
  return typeof value === 'string' ? value : ''
}
