import {HostError} from '../../host/errors.ts'
import type {FieldInfo, MainRecord, Module, Note, RecordVerbs} from '../../host/types.ts'

const NOW = 1_800_000_000_000
const SUBJECT: FieldInfo = {
  id: 'subject',
  label: 'Subject',
  type: 'text',
  path: ['subject'],
  required: true,
  systemManaged: false,
  readOnly: false,
}

/** The verbs on records over plain maps. A request without a subject is refused. */
export function recordVerbs(): RecordVerbs {
  const records = new Map<string, MainRecord>()
  const notes = new Map<string, Note[]>()
  const fields = new Map<Module, FieldInfo[]>([['request', [SUBJECT]]])
  const listOf = (module: Module): MainRecord[] =>
    [...records].filter(([key]) => key.startsWith(`${module}:`)).map(([, record]) => record)
  const find = (module: Module, id: string): MainRecord => {
    const found = records.get(`${module}:${id}`)
    if (!found) throw new HostError('RECORD_NOT_FOUND', {module, id})
    return found
  }
  const verbs: RecordVerbs = {
    async searchRecords(module, {where = {}, limit = 100, offset = 0} = {}) {
      const fits = listOf(module).filter(record => Object.entries(where).every(([key, value]) => record[key] === value))
      return {items: fits.reverse().slice(offset, offset + limit), total: fits.length}
    },
    getRecord: async (module, id) => find(module, id),
    async createRecord(module, values) {
      if (module === 'request' && !values.subject) {
        const problems = [{pointer: '/subject', message: 'must not be empty'}]
        throw new HostError('MAIN_SERVER_REFUSED', {action: 'create the request', reason: 'no subject', problems})
      }
      const id = String(listOf(module).length + 1)
      records.set(`${module}:${id}`, {...values, id})
      return find(module, id)
    },
    async updateRecord(module, id, values) {
      records.set(`${module}:${id}`, {...find(module, id), ...values, id})
      return find(module, id)
    },
    async listNotes(request) {
      find('request', request)
      return notes.get(request) ?? []
    },
    async addNote(request, {text, public: isPublic = false}, by) {
      const note = {author: by, text, public: isPublic, at: NOW}
      notes.set(request, [...(await verbs.listNotes(request)), note])
      return note
    },
    async listAttachments(request) {
      find('request', request)
      return []
    },
    listFields: async module => fields.get(module) ?? [],
    async createField({module, label, type, required = false, systemManaged = false}) {
      const known = fields.get(module) ?? []
      const made = {
        id: `cf:${known.length}`,
        label,
        type,
        path: ['fields', label],
        required,
        systemManaged,
        readOnly: false,
      }
      fields.set(module, [...known, made])
      return made
    },
    async removeField(module, id) {
      const known = fields.get(module) ?? []
      if (!known.some(field => field.id === id)) throw new HostError('RECORD_NOT_FOUND', {module, id})
      fields.set(
        module,
        known.filter(field => field.id !== id),
      )
    },
    mainServerStatus: async () => ({
      kind: 'desk',
      url: null,
      ok: true,
      message: '',
      drift: [],
      rateLimitRemaining: null,
    }),
  }
  return verbs
}
