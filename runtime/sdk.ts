/**
 * What a plugin author imports: `import {definePlugin, PluginError} from 'plugin-host/sdk'`.
 * Types and two tiny functions; it is bundled into the plugin, so it stays free of imports at run time.
 */
import type {
  Effect,
  ErrorCategory,
  ExecuteResult,
  FetchParams,
  FetchResult,
  Json,
  JsonObject,
  Mode,
  Option,
  Permissions,
  Progress,
  SearchParams,
  SearchResult,
  TraceContext,
  VerifyResult,
} from './protocol.ts'

export type {
  Effect,
  ErrorCategory,
  FetchParams,
  FetchResult,
  Json,
  JsonObject,
  Mode,
  Option,
  Progress,
  SearchParams,
  SearchResult,
  TestStage,
  VerifyResult,
} from './protocol.ts'

/** The shapes a manifest declares; `plugin-host build` writes them to `plugin.types.ts` as `Types`. */
export interface PluginTypes {
  config: object
  actions: {[name: string]: {input: unknown; output: unknown}}
}

export interface Log {
  debug(message: string, fields?: JsonObject): void
  info(message: string, fields?: JsonObject): void
  warn(message: string, fields?: JsonObject): void
  error(message: string, fields?: JsonObject): void
}

/** The host API. Each member needs the permission of its name (`requests.search`, `kv.set`, ...), else it throws a PluginError. */
export interface HostApi {
  requests: {search(query: SearchParams): Promise<SearchResult>; get(id: string): Promise<JsonObject | null>}
  assets: {search(query: SearchParams): Promise<SearchResult>; get(id: string): Promise<JsonObject | null>}
  /** Small values kept by the host for this plugin; they survive restarts and upgrades. */
  kv: {
    get(key: string): Promise<Json>
    set(key: string, value: Json): Promise<void>
    delete(key: string): Promise<void>
  }
  http: {fetch(request: FetchParams): Promise<FetchResult>}
}

/** What every call carries. */
export interface Context<Config> {
  /** Registration the call belongs to. */
  readonly registration: string
  readonly config: Config
  /** Aborted when the caller has gone, the deadline has passed or the process is to stop. */
  readonly signal: AbortSignal
  /** When the caller gives up. */
  readonly deadline: Date
  readonly log: Log
  readonly host: HostApi
}

export interface Call<Config, Input> extends Context<Config> {
  readonly execution: string
  readonly input: Input
  readonly mode: Mode
  /** True when nothing may be changed: say what would be done. */
  readonly dryRun: boolean
  /** 1 for the first try. */
  readonly attempt: number
  /** The same for every attempt of one execution: hand it to systems that accept one. */
  readonly idempotencyKey: string | undefined
  readonly trace: TraceContext | undefined
  /** Tells how far it is; may extend the deadline up to the host's cap. */
  progress(progress: Progress): void
  /** Hands found records to the host; resolves when they are stored, so awaiting it is the back-pressure. */
  records(records: readonly object[]): Promise<void>
  /** Writes a file of this execution, whole or in chunks. */
  artifact(file: {
    name: string
    type: string
    data: Uint8Array | string | AsyncIterable<Uint8Array | string>
  }): Promise<void>
}

/** What an action answers. `output` must fit the manifest's output schema. */
export interface Answer<Output> {
  output: Output
  effects?: Effect[]
  message?: string
}

export type Action<Config, Input, Output> = (call: Call<Config, Input>) => Promise<Answer<Output>> | Answer<Output>

export interface StartContext {
  readonly plugin: {id: string; version: string}
  /** Absolute; the only folder the plugin may write to. */
  readonly dataFolder: string
  readonly permissions: Permissions
  readonly log: Log
  readonly host: HostApi
}

export interface TestCall<Config> extends Context<Config> {
  /** Runs one stage of the connection test and records its time and outcome; a stage that throws ends the test. */
  stage<T>(name: string, run: () => Promise<T> | T): Promise<T>
}

export interface OptionsCall<Config> extends Context<Config> {
  readonly search: string
  /** What is filled in so far, laid over the stored configuration; secrets in the clear. */
  readonly values: JsonObject
}

export interface VerifyCall<Config, Input> extends Context<Config> {
  readonly execution: string
  readonly input: Input
}

export interface Plugin<T extends PluginTypes = PluginTypes> {
  /** Once, before anything else; a throw fails the start. */
  start?(context: StartContext): Promise<void> | void
  /** Once, when the process is to end. */
  stop?(): Promise<void> | void
  /** When a registration's configuration comes or changes (`null`: it went away), without a restart. */
  configure?(config: T['config'] | null, registration: string): Promise<void> | void
  actions: {[K in keyof T['actions']]: Action<T['config'], T['actions'][K]['input'], T['actions'][K]['output']>}
  /** Test connection. */
  test?(call: TestCall<T['config']>): Promise<void> | void
  /** Choices for a field, by its name. */
  options?: {[field: string]: (call: OptionsCall<T['config']>) => Promise<Option[]> | Option[]}
  /** Was it done? Asked after an outcome that is not known. */
  verify?: {
    [K in keyof T['actions']]?: (
      call: VerifyCall<T['config'], T['actions'][K]['input']>,
    ) => Promise<VerifyResult> | VerifyResult
  }
  /** A configuration of an older `config.version`, brought up to this one. */
  migrate?(config: JsonObject, fromVersion: number): Promise<JsonObject> | JsonObject
}

/** Gives the compiler the manifest's types; at run time it hands back what it got. */
export function definePlugin<T extends PluginTypes = PluginTypes>(plugin: Plugin<T>): Plugin<T> {
  return plugin
}

export interface PluginErrorOptions {
  category: ErrorCategory
  /** Stable, UPPER_SNAKE; the category's name when left out. */
  code?: string
  /** What to do about it. */
  hint?: string
  /** JSON pointer into the input or configuration. */
  field?: string
  /** By default true for `network`, `rateLimit` and `unavailable`. */
  retryable?: boolean
  retryAfterMs?: number
  cause?: unknown
}

const RETRYABLE: readonly ErrorCategory[] = ['network', 'rateLimit', 'unavailable']

/** A failure the host understands. Anything else thrown is reported as category `bug`. */
export class PluginError extends Error {
  override readonly name = 'PluginError'
  readonly category: ErrorCategory
  readonly code: string
  readonly hint: string | undefined
  readonly field: string | undefined
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined

  constructor(message: string, options: PluginErrorOptions) {
    super(message, {cause: options.cause})
    this.category = options.category
    this.code = options.code ?? options.category.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()
    this.hint = options.hint
    this.field = options.field
    this.retryable = options.retryable ?? RETRYABLE.includes(options.category)
    this.retryAfterMs = options.retryAfterMs
  }
}

export type {ExecuteResult}
