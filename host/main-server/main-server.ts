import type {Effect, JsonObject, SearchParams, SearchResult} from '../../runtime/protocol.ts'

/** Where an effect comes from. */
export interface EffectContext {
  execution: string
  plugin: string
  /** Who asked for the execution. */
  by: string
}

/** The port to the ITSM tool. What it refuses is EFFECT_FAILED, with the category of the failure in `details.category`. */
export interface MainServer {
  searchRequests(query: SearchParams): Promise<SearchResult>
  getRequest(id: string): Promise<JsonObject | null>
  searchAssets(query: SearchParams): Promise<SearchResult>
  getAsset(id: string): Promise<JsonObject | null>
  /** Makes the change; resolves with what it came to, `{id}` at least. */
  applyEffect(effect: Effect, context: EffectContext): Promise<JsonObject>
}
