import {readFile, stat} from 'node:fs/promises'
import type {Effect, EffectOp, Json, JsonObject} from '../../runtime/protocol.ts'
import type {Clock} from '../clock.ts'
import {HostError, isHostError} from '../errors.ts'
import type {Module} from '../record-types.ts'
import {refuse} from './desk-changes.ts'
import type {DeskStore} from './desk-records.ts'
import type {DeskWriter} from './desk-writer.ts'
import type {EffectContext} from './main-server.ts'

/** Largest attachment, bytes; what the vendor's forms take. */
export const ATTACHMENT_BYTES = 5 * 1024 * 1024

export interface DeskEffectParts {
  store: DeskStore
  clock: Clock
  writer: DeskWriter
}

/** All but the change itself; the function joins the transaction it is called in. What the desk refuses is EFFECT_FAILED. */
export async function prepareForDesk(
  effect: Effect,
  context: EffectContext,
  parts: DeskEffectParts,
): Promise<() => JsonObject> {
  try {
    const make =
      effect.op === 'request.attach'
        ? await prepareAttachment(effect, context, parts)
        : (): JsonObject => apply(effect, context, parts)
    return () => {
      try {
        // One that fails half way must leave nothing, whatever else is in the transaction.
        return parts.store.commitNow(() => parts.store.undoable(make))
      } catch (error) {
        throw toEffectFailure(effect.op, error)
      }
    }
  } catch (error) {
    throw toEffectFailure(effect.op, error)
  }
}

export function toEffectFailure(op: EffectOp, error: unknown): unknown {
  if (!isHostError(error)) return error
  const {module, id, reason, category = 'business'} = error.details
  const failed = (told: unknown): HostError =>
    new HostError('EFFECT_FAILED', {...error.details, op, reason: told, category}, error)
  if (error.code === 'RECORD_NOT_FOUND') return failed(`there is no ${module} "${id}"`)
  return error.code === 'MAIN_SERVER_REFUSED' ? failed(reason) : error
}

type SyncEffect = Exclude<Effect, {op: 'request.attach'}>

function apply(effect: SyncEffect, {plugin}: EffectContext, {store, clock, writer}: DeskEffectParts): JsonObject {
  switch (effect.op) {
    case 'request.update':
      return {id: writer.update('request', effect.request, effect.fields).record.id}
    case 'request.create':
      return {id: writer.create('request', effect.fields).id}
    case 'request.note': {
      const {id} = requireRequest(store, effect.request)
      const {text, public: isPublic = false} = effect
      store.deskRequests.addNote(id, {author: plugin, text, public: isPublic, at: clock.now()})
      return {id}
    }
    case 'asset.update':
      return {id: writer.update('asset', effect.asset, effect.fields).record.id}
    case 'asset.upsert':
      return upsertAsset(effect.asset, plugin, {store, writer})
    case 'user.upsert':
      return upsertUser(effect.user, {store, writer})
  }
}

function requireRequest({deskRequests}: DeskStore, id: string): {id: string} {
  const found = deskRequests.find(id)
  if (!found) throw new HostError('RECORD_NOT_FOUND', {module: 'request', id})
  return found
}

type UpsertParts = Pick<DeskEffectParts, 'store' | 'writer'>

/** Found by the key its source knows it by, else by id; never by name, as names are not unique. */
function upsertAsset(entry: JsonObject, plugin: string, {store, writer}: UpsertParts): JsonObject {
  const {id: givenId, source: givenSource, nativeKey: givenKey, ...fields} = entry
  const id = parseText('id', givenId, 'asset')
  const nativeKey = parseText('nativeKey', givenKey, 'asset')
  // A key means something only within its source: a plugin that names none is its own.
  const source = parseText('source', givenSource, 'asset') ?? (nativeKey === null ? null : plugin)
  const known = nativeKey !== null && source !== null ? store.deskAssets.findByNativeKey(source, nativeKey)?.id : id
  if (known) return {id: writer.update('asset', known, fields).record.id, created: false}
  const named = fields.name === undefined && nativeKey !== null ? {...fields, name: nativeKey} : fields
  return {id: writer.create('asset', named, {source, nativeKey}).id, created: true}
}

/** Found by id, else by email address. */
function upsertUser(entry: JsonObject, {store, writer}: UpsertParts): JsonObject {
  const {id: givenId, ...fields} = entry
  const email = parseText('email', fields.email, 'user')
  const known =
    parseText('id', givenId, 'user') ?? (email === null ? undefined : store.deskUsers.findByEmail(email)?.id)
  if (known) return {id: writer.update('user', known, fields).record.id, created: false}
  return {id: writer.create('user', fields).id, created: true}
}

function parseText(name: string, value: Json | undefined, module: Module): string | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'string' && value !== '') return value
  return typeof value === 'number' ? String(value) : refuse(`change the ${module}`, `"${name}" must be a text`)
}

async function prepareAttachment(
  {request, artifact}: Extract<Effect, {op: 'request.attach'}>,
  context: EffectContext,
  {store, clock}: DeskEffectParts,
): Promise<() => JsonObject> {
  const {type, data} = await readAttachment(artifact, context)
  return () => {
    requireRequest(store, request)
    const {id} = store.deskAttachments.insert(request, {name: artifact, type, data, at: clock.now()})
    return {id: request, attachment: id}
  }
}

/** A file of the execution, small enough to be attached. Throws MAIN_SERVER_REFUSED. */
export async function readAttachment(name: string, context: EffectContext): Promise<{type: string; data: Buffer}> {
  const action = `attach "${name}"`
  const file = context.readArtifact?.(name) ?? refuse(action, `the execution made no artifact "${name}"`)
  const {size} = await stat(file.path)
  if (size > ATTACHMENT_BYTES) refuse(action, `it has ${size} bytes, more than ${ATTACHMENT_BYTES}`)
  return {type: file.type, data: await readFile(file.path)}
}
