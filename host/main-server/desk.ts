import type {JsonObject} from '../../runtime/protocol.ts'
import type {Clock} from '../clock.ts'
import {HostError} from '../errors.ts'
import type {FieldInfo, MainRecord, Module, RecordQuery, RecordVerbs} from '../record-types.ts'
import type {DeskNote, DeskRequest} from '../store/desk-requests.ts'
import {composeCatalogue, describeCustom, findFields} from './desk-catalogue.ts'
import {refuse} from './desk-changes.ts'
import {prepareForDesk} from './desk-effects.ts'
import {BLANK_REQUEST, type DeskStore, findTable, toRecord} from './desk-records.ts'
import {type Change, createDeskWriter} from './desk-writer.ts'
import type {MainServer} from './main-server.ts'
import {fillSampleData, type SampleCounts} from './sample-data.ts'

export type NewRequest = {subject: string} & Partial<Omit<DeskRequest, 'id' | 'createdAt' | 'updatedAt'>>

/** The embedded main server: requests with notes and attachments, assets and users, kept in the store. */
export interface Desk extends MainServer {
  /** Unchecked, for those who fill a desk. */
  createRequest(request: NewRequest): DeskRequest
  /** The oldest first. */
  readNotes(request: string): DeskNote[]
  /** Joins the transaction it is called in. Throws MAIN_SERVER_REFUSED. */
  createNow(module: Module, fields: JsonObject): MainRecord
  /** Likewise. Throws RECORD_NOT_FOUND, too. */
  updateNow(module: Module, id: string, fields: JsonObject): Change
  createField: RecordVerbs['createField']
  removeField: RecordVerbs['removeField']
  /** Null when there is something on it already. */
  fillSampleData(): SampleCounts | null
}

export interface DeskOptions {
  /** A request is closed only when it has a note. */
  closingNeedsNote?: boolean
}

export function createDesk(store: DeskStore, clock: Clock, {closingNeedsNote = false}: DeskOptions = {}): Desk {
  const {deskRequests, deskFields} = store
  const catalogues = new Map<Module, FieldInfo[]>()
  /** The same list each time until it changes. */
  function listFields(module: Module): FieldInfo[] {
    const known = catalogues.get(module) ?? composeCatalogue(module, deskFields.list(module))
    catalogues.set(module, known)
    return known
  }
  const writer = createDeskWriter({store, clock, listFields, closingNeedsNote})
  const requireRequest = (id: string): void => {
    if (!deskRequests.find(id)) throw new HostError('RECORD_NOT_FOUND', {module: 'request', id})
  }

  return {
    async search(module, query) {
      const {items, total} = findTable(store, module).search(resolveNames(query, listFields(module)))
      return {items: items.map(item => toRecord(store, module, item)), total}
    },
    async get(module, id) {
      const found = findTable(store, module).find(id)
      return found ? toRecord(store, module, found) : null
    },
    create: async (module, fields) => store.commitNow(() => writer.create(module, fields)),
    update: async (module, id, fields) => store.commitNow(() => writer.update(module, id, fields).record),
    listFields: async module => listFields(module),
    async listNotes(request) {
      requireRequest(request)
      return deskRequests.listNotes(request)
    },
    async addNote(request, {text, public: isPublic = false}, author) {
      requireRequest(request)
      if (text.trim() === '') refuse('add the note', 'it is empty')
      const note = {author, text, public: isPublic, at: clock.now()}
      deskRequests.addNote(request, note)
      return note
    },
    async listAttachments(request) {
      requireRequest(request)
      return store.deskAttachments.list(request)
    },
    status: async () => ({kind: 'desk', url: null, ok: true, message: '', drift: [], rateLimitRemaining: null}),
    applyEffect: async (effect, context) => (await prepareForDesk(effect, context, {store, clock, writer}))(),
    prepareEffect: (effect, context) => prepareForDesk(effect, context, {store, clock, writer}),
    createRequest(request) {
      const now = clock.now()
      return deskRequests.insert({...BLANK_REQUEST, fields: {}, createdAt: now, updatedAt: now, ...request})
    },
    readNotes: request => deskRequests.listNotes(request),
    createNow: (module, fields) => writer.create(module, fields),
    updateNow: (module, id, fields) => writer.update(module, id, fields),
    async createField({module, label, type, choices, required = false, systemManaged = false}) {
      const name = label.trim()
      const action = `create the field "${name}"`
      if (name === '' || name === '__proto__') refuse(action, 'its label is none')
      if (findFields(listFields(module), name).some(field => field.label.toLowerCase() === name.toLowerCase()))
        refuse(action, `there is a field "${name}"`)
      if (type === 'choice' && !choices?.length) refuse(action, 'a choice needs choices')
      if (type !== 'choice' && choices) refuse(action, 'only a choice has choices')
      const field = {
        module,
        label: name,
        type,
        required,
        systemManaged,
        ...(choices && {choices: [...new Set(choices)]}),
      }
      const made = store.commitNow(() => deskFields.insert(field))
      catalogues.delete(module)
      return describeCustom(made)
    },
    fillSampleData() {
      catalogues.clear()
      return fillSampleData(store, clock)
    },
    async removeField(module, id) {
      const number = /^cf:(\d+)$/.exec(id)?.[1] ?? ''
      if (!store.commitNow(() => deskFields.remove(module, number)))
        throw new HostError('RECORD_NOT_FOUND', {module: `custom field of ${module}`, id})
      catalogues.delete(module)
    },
  }
}

/** Names of fields as the tables know them: a column by its id, a value of one's own by its label. */
function resolveNames({where, ...query}: RecordQuery, fields: FieldInfo[]): RecordQuery {
  if (!where) return query
  const named = Object.entries(where).map(([name, value]) => {
    const [field] = findFields(fields, name)
    const key = field && (field.path[0] === 'fields' || field.path[0] === 'attributes' ? field.path[1] : field.id)
    return [key ?? name, value]
  })
  return {...query, where: Object.fromEntries(named)}
}
