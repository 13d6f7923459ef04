import type {EffectOp, Json, JsonObject} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import type {DeskAsset} from '../store/desk-assets.ts'
import type {DeskRequest} from '../store/desk-requests.ts'

const REQUEST_TEXTS = ['subject', 'description', 'status', 'priority', 'requester']
const ASSET_TEXTS = ['name', 'type']
const FIXED = ['id', 'source', 'nativeKey', 'createdAt', 'updatedAt']

/** Fields of the request itself are set, all others are fields of one's own; null takes one of these away. */
export function changeRequest(request: DeskRequest, fields: JsonObject): DeskRequest {
  const {texts, others} = partFields('request.update', fields, REQUEST_TEXTS)
  const {fields: own, ...loose} = others
  return {...request, ...texts, fields: merge(request.fields, {...toObject(own), ...loose})}
}

export function changeAsset(op: EffectOp, asset: DeskAsset, fields: JsonObject): DeskAsset {
  const {texts, others} = partFields(op, fields, ASSET_TEXTS)
  const {attributes, ...loose} = others
  return {...asset, ...texts, attributes: merge(asset.attributes, {...toObject(attributes), ...loose})}
}

/** Takes apart what tells which asset is meant and what is to be written to it. */
export function describeAsset(
  op: EffectOp,
  {id, source, nativeKey, ...fields}: JsonObject,
  plugin: string,
): {id: string | null; source: string | null; nativeKey: string | null; fields: JsonObject} {
  const key = parseText(op, 'nativeKey', nativeKey)
  // A key means something only within its source: a plugin that names none is its own.
  const from = parseText(op, 'source', source) ?? (key === null ? null : plugin)
  return {id: parseText(op, 'id', id), source: from, nativeKey: key, fields}
}

export function refuse(op: EffectOp, reason: string): never {
  throw new HostError('EFFECT_FAILED', {op, reason, category: 'business'})
}

function partFields(
  op: EffectOp,
  fields: JsonObject,
  textNames: string[],
): {texts: {[name: string]: string}; others: JsonObject} {
  const texts: {[name: string]: string} = {}
  const others: JsonObject = {}
  for (const [name, value] of Object.entries(fields)) {
    if (FIXED.includes(name)) refuse(op, `"${name}" cannot be changed`)
    if (!textNames.includes(name)) others[name] = value
    else if (typeof value === 'string') texts[name] = value
    else refuse(op, `"${name}" must be a text`)
  }
  return {texts, others}
}

function merge(before: JsonObject, changes: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries({...before, ...changes}).filter(([, value]) => value !== null))
}

function parseText(op: EffectOp, name: string, value: Json | undefined): string | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'string' && value !== '') return value
  return typeof value === 'number' ? String(value) : refuse(op, `"${name}" must be a text`)
}

function toObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}
