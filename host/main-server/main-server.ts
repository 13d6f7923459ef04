import type {Effect, JsonObject} from '../../runtime/protocol.ts'
import type {
  Attachment,
  FieldInfo,
  MainRecord,
  MainServerStatus,
  Module,
  Note,
  Page,
  RecordQuery,
} from '../record-types.ts'

/** Where an effect comes from. */
export interface EffectContext {
  execution: string
  plugin: string
  /** Who asked for the execution. */
  by: string
  /** A finished file of the execution, by its name. */
  readArtifact?(name: string): {path: string; type: string} | undefined
}

/** The port to the ITSM tool. What it refuses is MAIN_SERVER_REFUSED, what keeps it from answering MAIN_SERVER_UNAVAILABLE. */
export interface MainServer {
  search(module: Module, query: RecordQuery): Promise<Page>
  get(module: Module, id: string): Promise<MainRecord | null>
  create(module: Module, fields: JsonObject, by: string): Promise<MainRecord>
  update(module: Module, id: string, fields: JsonObject, by: string): Promise<MainRecord>
  /** The catalogue, from memory where it is fresh enough. */
  listFields(module: Module): Promise<FieldInfo[]>
  listNotes(request: string): Promise<Note[]>
  addNote(request: string, note: {text: string; public?: boolean}, by: string): Promise<Note>
  listAttachments(request: string): Promise<Attachment[]>
  /** Makes the change; resolves with what it came to, `{id}` at least. What is refused is EFFECT_FAILED, its category in the details. */
  applyEffect(effect: Effect, context: EffectContext): Promise<JsonObject>
  /**
   * Only where changes are kept in the host's own store: all but the change itself, which the returned function makes in the
   * transaction it is called in. Fails as `applyEffect` does.
   */
  prepareEffect?(effect: Effect, context: EffectContext): Promise<() => JsonObject>
  status(): Promise<MainServerStatus>
}
