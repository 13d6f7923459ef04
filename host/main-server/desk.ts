import type {Effect, JsonObject} from '../../runtime/protocol.ts'
import type {Clock} from '../clock.ts'
import type {MainRecord, Page} from '../record-types.ts'
import type {DeskNote, DeskRequest} from '../store/desk-requests.ts'
import type {Store} from '../store/open-store.ts'
import {changeAsset, changeRequest, describeAsset, refuse} from './desk-changes.ts'
import type {EffectContext, MainServer} from './main-server.ts'

export interface NewRequest {
  subject: string
  description?: string
  status?: string
  priority?: string
  requester?: string
  /** Fields of one's own. */
  fields?: JsonObject
}

/** The embedded main server: requests with notes, and assets, kept in the store. */
export interface Desk extends MainServer {
  createRequest(request: NewRequest): DeskRequest
  /** The oldest first. */
  readNotes(request: string): DeskNote[]
}

type DeskStore = Pick<Store, 'deskRequests' | 'deskAssets' | 'commitNow'>

export function createDesk(store: DeskStore, clock: Clock): Desk {
  const {deskRequests, deskAssets} = store
  return {
    search: async (module, query) =>
      listItems(module === 'asset' ? deskAssets.search(query) : deskRequests.search(query)),
    get: async (module, id) => toItem(module === 'asset' ? deskAssets.find(id) : deskRequests.find(id)),
    create: async () => refuse('request.update', 'not yet'),
    update: async () => refuse('request.update', 'not yet'),
    listFields: async () => [],
    listNotes: async request => deskRequests.listNotes(request),
    addNote: async (request, {text, public: isPublic = false}, author) => {
      const note = {author, text, public: isPublic, at: clock.now()}
      deskRequests.addNote(request, note)
      return note
    },
    listAttachments: async () => [],
    status: async () => ({kind: 'desk', url: null, ok: true, message: '', drift: [], rateLimitRemaining: null}),
    applyEffect: async (effect, context) => store.commitNow(() => applyEffect(store, effect, context, clock.now())),
    createRequest({subject, description = '', status = 'open', priority = 'normal', requester = '', fields = {}}) {
      const now = clock.now()
      const times = {createdAt: now, updatedAt: now}
      return deskRequests.insert({subject, description, status, priority, requester, fields, ...times})
    },
    readNotes: request => deskRequests.listNotes(request),
  }
}

function applyEffect(store: DeskStore, effect: Effect, {plugin}: EffectContext, now: number): JsonObject {
  const {deskRequests} = store
  switch (effect.op) {
    case 'request.update': {
      const request = deskRequests.find(effect.request) ?? refuse(effect.op, `there is no request "${effect.request}"`)
      deskRequests.update({...changeRequest(request, effect.fields), updatedAt: now})
      return {id: request.id}
    }
    case 'request.note': {
      const request = deskRequests.find(effect.request) ?? refuse(effect.op, `there is no request "${effect.request}"`)
      deskRequests.addNote(request.id, {author: plugin, text: effect.text, public: effect.public ?? false, at: now})
      return {id: request.id}
    }
    case 'asset.update': {
      const asset = store.deskAssets.find(effect.asset) ?? refuse(effect.op, `there is no asset "${effect.asset}"`)
      store.deskAssets.update({...changeAsset(effect.op, asset, effect.fields), updatedAt: now})
      return {id: asset.id}
    }
    case 'asset.upsert':
      return upsertAsset(store, effect.asset, plugin, now)
  }
}

/** Found by the key its source knows it by, else by id; never by name, as names are not unique. */
function upsertAsset({deskAssets}: DeskStore, entry: JsonObject, plugin: string, now: number): JsonObject {
  const op = 'asset.upsert'
  const {id, source, nativeKey, fields} = describeAsset(op, entry, plugin)
  const known =
    nativeKey !== null && source !== null
      ? deskAssets.findByNativeKey(source, nativeKey)
      : id !== null
        ? (deskAssets.find(id) ?? refuse(op, `there is no asset "${id}"`))
        : undefined
  if (known) {
    deskAssets.update({...changeAsset(op, known, fields), updatedAt: now})
    return {id: known.id, created: false}
  }
  const empty = {id: '', name: nativeKey ?? '', type: 'asset', attributes: {}, createdAt: now, updatedAt: now}
  const {id: _, ...asset} = changeAsset(op, {...empty, source, nativeKey}, fields)
  if (asset.name === '') refuse(op, 'a new asset needs a name')
  return {id: deskAssets.insert(asset).id, created: true}
}

function listItems({items, total}: {items: {id: string}[]; total: number}): Page {
  return {items: items.map(item => ({...item})), total}
}

function toItem(found: {id: string} | undefined): MainRecord | null {
  return found ? {...found} : null
}
