import type {JsonObject} from '../../runtime/protocol.ts'
import type {MainRecord, Module, RecordQuery} from '../record-types.ts'
import type {DeskAsset} from '../store/desk-assets.ts'
import type {DeskRequest} from '../store/desk-requests.ts'
import type {DeskUser} from '../store/desk-users.ts'
import type {Store} from '../store/open-store.ts'

export type DeskStore = Pick<
  Store,
  'deskRequests' | 'deskAssets' | 'deskUsers' | 'deskFields' | 'deskAttachments' | 'commitNow' | 'undoable'
>

export type StoredRecord = DeskRequest | DeskAsset | DeskUser
type NewRecord = Omit<DeskRequest, 'id'> | Omit<DeskAsset, 'id'> | Omit<DeskUser, 'id'>

/** One of the desk's tables; callers hand it records of its module only. */
export interface RecordTable {
  insert(record: NewRecord): StoredRecord
  find(id: string): StoredRecord | undefined
  update(record: StoredRecord): void
  search(query: RecordQuery): {items: StoredRecord[]; total: number}
}

export function findTable({deskRequests, deskAssets, deskUsers}: DeskStore, module: Module): RecordTable {
  const tables: {[name in Module]: RecordTable} = {request: deskRequests, asset: deskAssets, user: deskUsers}
  return tables[module]
}

/** A record before its first values. */
export function createBlank(module: Module, now: number): StoredRecord {
  const times = {id: '', createdAt: now, updatedAt: now}
  switch (module) {
    case 'request':
      return {...times, ...BLANK_REQUEST, fields: {}}
    case 'asset':
      return {...times, name: '', type: 'asset', source: null, nativeKey: null, attributes: {}}
    case 'user':
      return {...times, ...BLANK_USER, fields: {}}
  }
}

export const BLANK_REQUEST = {
  subject: '',
  description: '',
  status: 'open',
  priority: 'normal',
  requester: '',
  category: '',
  impact: '',
  urgency: '',
  assignee: '',
  group: '',
  location: '',
}
const BLANK_USER = {name: '', email: '', phone: '', department: '', location: '', active: true}

/** As rules, mappings and plugins see it: the requester of a request is the whole person. */
export function toRecord(store: Pick<DeskStore, 'deskUsers'>, module: Module, stored: StoredRecord): MainRecord {
  if (module !== 'request') return {...stored}
  const request = stored as DeskRequest
  return {...request, requester: describeRequester(store, request.requester)}
}

/** Null when there is none. Of somebody who is no user of the desk, only the email address is known. */
function describeRequester({deskUsers}: Pick<DeskStore, 'deskUsers'>, requester: string): JsonObject | null {
  if (requester === '') return null
  const known = deskUsers.findByEmail(requester)
  if (!known) return {name: '', email: requester, phone: '', department: '', location: ''}
  const {name, email, phone, department, location} = known
  return {name, email, phone, department, location}
}
