/** Public shapes of what the main server knows: records, their fields, people. */
import type {Json, JsonObject} from '../runtime/protocol.ts'

/** Kinds of records. A rule, a mapping and a search each speak of one. */
export const MODULES = ['request', 'asset', 'user'] as const
export type Module = (typeof MODULES)[number]

/** text, date (ISO 8601) and choice hold strings; tags a list of strings. */
export type FieldType = 'text' | 'number' | 'boolean' | 'date' | 'choice' | 'tags' | 'user'

/** A field of a module, built in or made by an administrator. */
export interface FieldInfo {
  /** Stable: `subject`, `requester.email`, `cf:35`. */
  id: string
  /** As people see it; not unique. */
  label: string
  /** Shorter names that older templates use. The label of another field comes first. */
  aliases?: string[]
  type: FieldType
  /** Keys that lead to its value in a record: `["fields", "Phone"]`. */
  path: string[]
  required: boolean
  /** Not editable by people: the right place for a plugin's output. */
  systemManaged: boolean
  readOnly: boolean
  /** Of a choice: the values that may be set. */
  choices?: string[]
}

/** One record as rules and mappings see it. `id` is always there. */
export type MainRecord = JsonObject & {id: string}

export interface Note {
  author: string
  text: string
  /** Seen by the requester too. */
  public: boolean
  /** Milliseconds since 1970. */
  at: number
}

export interface Attachment {
  id: string
  name: string
  /** Media type. */
  type: string
  bytes: number
  at: number
}

export interface Page {
  items: MainRecord[]
  total: number
}

export interface RecordQuery {
  /** Exact values by field id or label. */
  where?: JsonObject
  /** Words looked for in any text. */
  text?: string
  limit?: number
  offset?: number
}

/** The state of the main server behind the host. */
export interface MainServerStatus {
  kind: 'desk' | 'rest'
  url: string | null
  ok: boolean
  /** Why not, or what was last seen. */
  message: string
  /** Fields that came, went or changed their type since the catalogue was last looked at. */
  drift: {module: Module; field: string; change: 'added' | 'removed' | 'changed'; detail: string}[]
  /** Calls left until the main server refuses more; null when it did not say. */
  rateLimitRemaining: number | null
}

/** Verbs on the main server's records. With `rest` behind the host they go there. */
export interface RecordVerbs {
  searchRecords(module: Module, query?: RecordQuery): Promise<Page>
  /** Throws RECORD_NOT_FOUND. */
  getRecord(module: Module, id: string): Promise<MainRecord>
  /** Throws MAIN_SERVER_REFUSED when it says no. Of the desk: announces `<module>.created` to the rules. */
  createRecord(module: Module, fields: JsonObject, by: string): Promise<MainRecord>
  /** Likewise `<module>.updated`, with the record as it was. */
  updateRecord(module: Module, id: string, fields: JsonObject, by: string): Promise<MainRecord>
  listNotes(request: string): Promise<Note[]>
  addNote(request: string, note: {text: string; public?: boolean}, by: string): Promise<Note>
  listAttachments(request: string): Promise<Attachment[]>
  listFields(module: Module): Promise<FieldInfo[]>
  /** The desk's own custom fields; with `rest` behind the host, refused with MAIN_SERVER_REFUSED. */
  createField(field: {
    module: Module
    label: string
    type: FieldType
    choices?: string[]
    required?: boolean
    systemManaged?: boolean
  }): Promise<FieldInfo>
  removeField(module: Module, id: string): Promise<void>
  mainServerStatus(): Promise<MainServerStatus>
}

export type {Json}
