import type {JsonObject} from '../../../runtime/protocol.ts'
import type {Clock} from '../../clock.ts'
import type {Config} from '../../config.ts'
import type {MainRecord, MainServerStatus, Module} from '../../record-types.ts'
import {refuse} from '../desk-changes.ts'
import type {MainServer} from '../main-server.ts'
import {readAccess} from './access.ts'
import {createCaller} from './call.ts'
import {createCatalogue} from './catalogue.ts'
import {applyByRest} from './effects.ts'
import {refused} from './failure.ts'
import {createLogin} from './login.ts'
import {createRestNotes} from './notes.ts'
import {MODULE_NAMES} from './parse-form.ts'
import {createRestRecords} from './records.ts'
import {createSend} from './send.ts'

export interface RestOptions {
  clock: Clock
  onDrift(drift: MainServerStatus['drift']): void
}

/** A main server behind the vendor's REST API. Nothing is called before the first question. Throws HOST_CONFIG_INVALID. */
export function openRest(
  settings: Config['mainServer'],
  {clock, onDrift}: RestOptions,
): {mainServer: MainServer; close(): void} {
  const {url, credentials, ca} = readAccess(settings)
  const {timeoutMs, catalogueMs} = settings
  const {send, close} = createSend(url, ca, clock)
  const login = createLogin({credentials, send, clock, timeoutMs})
  const caller = createCaller({send, login, clock, timeoutMs})
  const catalogue = createCatalogue({
    async readForm(module) {
      const path = `/api/ususer/form/${MODULE_NAMES[module]}`
      const action = `read the fields of ${module}s`
      const form = await caller.call({method: 'GET', path, read: true, action})
      return form ?? Promise.reject(refused(action, `it has no form "${MODULE_NAMES[module]}"`, 'config'))
    },
    clock,
    maxAgeMs: catalogueMs,
    onDrift,
  })
  const records = createRestRecords(caller, catalogue)
  const notes = createRestNotes(caller, records)

  /** The record after a change. The change is made: that it cannot be read now is no reason to call it failed. */
  async function show(module: Module, id: string, fields: JsonObject): Promise<MainRecord> {
    return (await records.get(module, id).catch(() => null)) ?? {...fields, id}
  }

  const mainServer: MainServer = {
    search: records.search,
    get: records.get,
    create: async (module, fields) => show(module, await records.create(module, fields), fields),
    async update(module, id, fields) {
      await records.update(module, id, fields)
      return show(module, id, fields)
    },
    listFields: catalogue.list,
    listNotes: notes.list,
    async addNote(request, note) {
      if (note.text.trim() === '') refuse('add the note', 'it is empty')
      return notes.add(request, note)
    },
    listAttachments: notes.listAttachments,
    applyEffect: (effect, context) => applyByRest(effect, context, {records, notes}),
    async status() {
      // The cheapest question that takes a login: what it comes to is in the health.
      await catalogue.list('request').catch(() => {})
      return {kind: 'rest', url, ...caller.health(), drift: catalogue.drift()}
    },
  }
  return {mainServer, close}
}
