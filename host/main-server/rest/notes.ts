import type {Json, JsonObject} from '../../../runtime/protocol.ts'
import {HostError} from '../../errors.ts'
import type {Attachment, Note} from '../../record-types.ts'
import {isObject} from '../desk-changes.ts'
import type {Caller} from './call.ts'
import {unavailable} from './failure.ts'
import type {RestRecords} from './records.ts'

/** What belongs to a request besides its fields: the vendor's conversations and files. */
export interface RestNotes {
  list(request: string): Promise<Note[]>
  add(request: string, note: {text: string; public?: boolean}): Promise<Note>
  listAttachments(request: string): Promise<Attachment[]>
  attach(request: string, file: {name: string; type: string; data: Uint8Array<ArrayBuffer>}): Promise<void>
}

const NOTE = 'note'
/** A reply that the requester gets to see. */
const REPLY = 'technician_to_requester'
const SUBJECT = 'Plugin server'

export function createRestNotes({call}: Pick<Caller, 'call'>, records: Pick<RestRecords, 'read' | 'write'>): RestNotes {
  async function callFor(request: string, more: string, json: JsonObject, read: boolean): Promise<JsonObject> {
    const isId = /^[1-9][0-9]{0,17}$/.test(request)
    const path = `/api/v1/request/${request}/conversation${more}`
    const action = `${read ? 'read' : 'add'} notes of request ${request}`
    const answer = isId ? await call({method: 'POST', path, json, read, action}) : undefined
    if (answer === undefined) throw new HostError('RECORD_NOT_FOUND', {module: 'request', id: request})
    if (isObject(answer)) return answer
    throw unavailable('its answer about notes is no JSON object', {category: read ? 'unavailable' : 'unknown'})
  }

  return {
    async list(request) {
      const json = {qualDetails: {type: 'FlatQualificationRest', quals: []}}
      const {objectList} = await callFor(request, '/search/byqual', json, true)
      const notes = Array.isArray(objectList) ? objectList.filter(isObject).map(readNote) : []
      return notes.sort((a, b) => a.at - b.at)
    },
    async add(request, {text, public: isPublic = false}) {
      const conversationType = isPublic ? REPLY : NOTE
      const json = {conversationType, details: toHtml(text), subject: SUBJECT, conversationState: 'published'}
      return readNote(await callFor(request, '', json, false))
    },
    async listAttachments(request) {
      const {fileAttachments} = await records.read('request', request)
      return readFiles(fileAttachments).map(describeFile)
    },
    async attach(request, {name, type, data}) {
      // Those that are there are sent again: what is written takes the place of the whole list.
      const {fileAttachments} = await records.read('request', request)
      const form = new FormData()
      form.set('file', new Blob([data], {type}), name)
      const stored = await call({method: 'POST', path: '/api/oprfile', form, read: false, action: `store "${name}"`})
      const refFileName = isObject(stored) ? stored.refFileName : undefined
      if (typeof refFileName !== 'string')
        throw unavailable('it named no refFileName for the file', {category: 'unknown'})
      const files = [...readFiles(fileAttachments), {refFileName, realName: name}]
      await records.write('request', request, {fileAttachments: files})
    },
  }
}

function readFiles(list: Json | undefined): JsonObject[] {
  return Array.isArray(list) ? list.filter(isObject) : []
}

/** Size and time are not always told. */
function describeFile({refFileName, realName, contentType, size, createdTime}: JsonObject): Attachment {
  return {
    id: String(refFileName ?? ''),
    name: String(realName ?? refFileName ?? ''),
    type: typeof contentType === 'string' ? contentType : 'application/octet-stream',
    bytes: typeof size === 'number' ? size : 0,
    at: typeof createdTime === 'number' ? createdTime : 0,
  }
}

function readNote({createdByEmail, createdByName, details, conversationType, createdTime}: JsonObject): Note {
  return {
    author: String(createdByEmail ?? createdByName ?? ''),
    text: fromHtml(String(details ?? '')),
    public: String(conversationType).toLowerCase() !== NOTE,
    at: readTime(createdTime),
  }
}

/** Milliseconds, or as in `Wed, Jul 16, 2025 04:33 pm`; 0 when it cannot be read. */
function readTime(value: Json | undefined): number {
  if (typeof value === 'number') return value
  const at = Date.parse(`${String(value ?? '')} UTC`)
  return Number.isNaN(at) ? 0 : at
}

const ENTITIES: {[character: string]: string} = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'}
const CHARACTERS: {[entity: string]: string} = {...invert(ENTITIES), '&nbsp;': ' ', '&#39;': "'"}

function invert(map: {[key: string]: string}): {[value: string]: string} {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [value, key]))
}

export function toHtml(text: string): string {
  const escaped = text.replaceAll(/[&<>"]/g, character => ENTITIES[character] ?? '')
  return `<p>${escaped.replaceAll(/\r?\n/g, '<br>')}</p>`
}

export function fromHtml(html: string): string {
  const lines = html.replaceAll(/<br\s*\/?>|<\/p>\s*<p[^<>]*>/gi, '\n').replaceAll(/<[^<>]*>/g, '')
  return lines.replaceAll(/&(?:amp|lt|gt|quot|nbsp|#39);/g, entity => CHARACTERS[entity] ?? entity).trim()
}
