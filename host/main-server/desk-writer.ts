import type {JsonObject} from '../../runtime/protocol.ts'
import type {Clock} from '../clock.ts'
import {HostError} from '../errors.ts'
import type {FieldInfo, MainRecord, Module} from '../record-types.ts'
import type {DeskAsset} from '../store/desk-assets.ts'
import type {DeskRequest} from '../store/desk-requests.ts'
import type {DeskUser} from '../store/desk-users.ts'
import {OWN_KEY} from './desk-catalogue.ts'
import {applyWrites, listMissing, readWrites, refuse} from './desk-changes.ts'
import {createBlank, type DeskStore, findTable, type StoredRecord, toRecord} from './desk-records.ts'

export interface DeskWriterParts {
  store: DeskStore
  clock: Clock
  listFields(module: Module): FieldInfo[]
  /** A request is closed only when it has a note. */
  closingNeedsNote: boolean
}

export interface Change {
  record: MainRecord
  /** As it was. */
  old: MainRecord
  /** False when every value was the same before: nothing was written. */
  changed: boolean
}

/** Checked writes to records of the desk; each joins the transaction it is called in. Throws MAIN_SERVER_REFUSED. */
export interface DeskWriter {
  create(module: Module, fields: JsonObject, fixed?: Partial<DeskAsset>): MainRecord
  /** Throws RECORD_NOT_FOUND. */
  update(module: Module, id: string, fields: JsonObject): Change
}

export function createDeskWriter({store, clock, listFields, closingNeedsNote}: DeskWriterParts): DeskWriter {
  function check(module: Module, record: StoredRecord, before: StoredRecord | undefined, action: string): void {
    if (module === 'user') checkEmail(store, record as DeskUser, action)
    if (module === 'request' && closingNeedsNote) checkClosing(store, record as DeskRequest, before, action)
  }

  return {
    create(module, given, fixed = {}) {
      const action = `create the ${module}`
      const fields = listFields(module)
      const writes = readWrites(given, {module, fields, action, own: {}})
      const blank = {...createBlank(module, clock.now()), ...fixed}
      const record = lowerEmails(module, applyWrites(blank, writes, OWN_KEY[module]))
      const missing = listMissing(record, fields)
      if (missing.length > 0) refuse(action, `${missing.map(label => `"${label}"`).join(', ')} must not be empty`)
      check(module, record, undefined, action)
      return toRecord(store, module, findTable(store, module).insert(record))
    },
    update(module, id, given) {
      const table = findTable(store, module)
      const before = table.find(id)
      if (!before) throw new HostError('RECORD_NOT_FOUND', {module, id})
      const action = `change ${module} ${id}`
      const own = readOwn(module, before)
      const writes = readWrites(given, {module, fields: listFields(module), action, own})
      const after = lowerEmails(module, applyWrites(before, writes, OWN_KEY[module]))
      const old = toRecord(store, module, before)
      if (JSON.stringify(after) === JSON.stringify(before)) return {record: old, old, changed: false}
      check(module, after, before, action)
      const now = {...after, updatedAt: clock.now()}
      table.update(now)
      return {record: toRecord(store, module, now), old, changed: true}
    },
  }
}

function readOwn(module: Module, record: StoredRecord): JsonObject {
  return module === 'asset' ? (record as DeskAsset).attributes : (record as DeskRequest | DeskUser).fields
}

/** Requests name people by their address, so it is kept in one way. */
function lowerEmails(module: Module, record: StoredRecord): StoredRecord {
  if (module === 'user') return {...record, email: (record as DeskUser).email.toLowerCase()} as DeskUser
  if (module === 'request')
    return {...record, requester: (record as DeskRequest).requester.toLowerCase()} as DeskRequest
  return record
}

function checkEmail({deskUsers}: DeskStore, {id, email}: DeskUser, action: string): void {
  const other = email === '' ? undefined : deskUsers.findByEmail(email)
  if (other && other.id !== id) refuse(action, `user ${other.id} has the email address "${email}"`)
}

function checkClosing(
  {deskRequests}: DeskStore,
  {id, status}: DeskRequest,
  before: StoredRecord | undefined,
  action: string,
): void {
  if (status !== 'closed' || (before as DeskRequest | undefined)?.status === 'closed') return
  if (before && deskRequests.listNotes(id).length > 0) return
  refuse(action, 'a request is closed only when it has a note')
}
