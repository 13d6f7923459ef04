import type {JsonObject} from '../runtime/protocol.ts'
import {HostError} from './errors.ts'
import type {Desk} from './main-server/desk.ts'
import type {MainServer} from './main-server/main-server.ts'
import type {MainRecord, Module, RecordVerbs} from './record-types.ts'
import type {Store} from './store/open-store.ts'
import type {MainEvent} from './workflow-types.ts'

/** Where changes of the desk's records are told: to the rules. */
export interface Announce {
  /** Joins the transaction it is called in. */
  insert(event: MainEvent, by: string): {id: string}
  process(id: string): Promise<unknown>
}

export interface RecordVerbParts {
  mainServer: MainServer
  /** Of the embedded main server; undefined when another one is behind the host. */
  desk: Desk | undefined
  store: Pick<Store, 'commitNow'>
  announce?: Announce
  /** What an announced event came to is no fault of the record's change, which is done. */
  onError(error: unknown): void
}

/** The verbs on records. A change of the desk and its event are on the disk together, or neither. */
export function createRecordVerbs({mainServer, desk, store, announce, onError}: RecordVerbParts): RecordVerbs {
  function requireDesk(action: string): Desk {
    if (desk) return desk
    const reason = 'its fields are made in its own administration'
    throw new HostError('MAIN_SERVER_REFUSED', {action, reason, category: 'business'})
  }

  /** Runs the change with its event; the rules have accepted what they start when it resolves. */
  async function change(change: () => {record: MainRecord; event: MainEvent | null}, by: string): Promise<MainRecord> {
    const {record, event} = store.commitNow(() => {
      const {record, event} = change()
      return {record, event: event && announce?.insert(event, by)}
    })
    if (event) await announce?.process(event.id).catch(onError)
    return record
  }

  function createOnDesk(desk: Desk, module: Module, fields: JsonObject, by: string): Promise<MainRecord> {
    return change(() => {
      const record = desk.createNow(module, fields)
      return {record, event: {type: `${module}.created`, module, record}}
    }, by)
  }

  function updateOnDesk(desk: Desk, module: Module, id: string, fields: JsonObject, by: string): Promise<MainRecord> {
    return change(() => {
      const {record, old, changed} = desk.updateNow(module, id, fields)
      return {record, event: changed ? {type: `${module}.updated`, module, record, old} : null}
    }, by)
  }

  return {
    searchRecords: (module, query = {}) => mainServer.search(module, query),
    async getRecord(module, id) {
      const found = await mainServer.get(module, id)
      if (!found) throw new HostError('RECORD_NOT_FOUND', {module, id})
      return found
    },
    createRecord: async (module, fields, by) =>
      desk ? createOnDesk(desk, module, fields, by) : mainServer.create(module, fields, by),
    updateRecord: async (module, id, fields, by) =>
      desk ? updateOnDesk(desk, module, id, fields, by) : mainServer.update(module, id, fields, by),
    listNotes: request => mainServer.listNotes(request),
    addNote: (request, note, by) => mainServer.addNote(request, note, by),
    listAttachments: request => mainServer.listAttachments(request),
    listFields: module => mainServer.listFields(module),
    createField: async field => requireDesk(`create the field "${field.label}"`).createField(field),
    removeField: async (module, id) => requireDesk(`remove the field "${id}"`).removeField(module, id),
    mainServerStatus: () => mainServer.status(),
  }
}
