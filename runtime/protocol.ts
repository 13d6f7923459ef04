/**
 * The whole contract between the plugin server (host) and a plugin process, in one file that imports nothing.
 *
 * Rules of the road:
 * - JSON-RPC 2.0, each message framed by `Content-Length: N\r\n\r\n` (the base protocol of LSP), UTF-8.
 * - The host sends `initialize` first and nothing else before its answer. A plugin answers every request once.
 * - A plugin may answer in any order. `$/cancelRequest {id}` asks it to give up; it still answers.
 * - Nothing but frames on the wire. What a plugin prints is a log line, never an answer.
 * - A plugin's own failures cross as data (`WireError` in `error.data`), never as a broken connection.
 */

/** Protocol versions this release speaks. Both ends send their range; the highest common one is used. */
export const PROTOCOL_RANGE: VersionRange = {min: 1, max: 1}
/** Versions of the host API (the requests a plugin may send). */
export const HOST_API_RANGE: VersionRange = {min: 1, max: 1}

/** Limits of the framing, the same on both ends; bytes unless said otherwise. A breach ends the connection. */
export const WIRE_LIMITS = {
  headerBytes: 1024,
  frameBytes: 16 * 1024 * 1024,
  /** Nesting of arrays and objects. */
  depth: 64,
  /** One line of stderr; the rest of it is cut with a mark. */
  logLineBytes: 64 * 1024,
} as const

export const METHODS = {
  initialize: 'initialize',
  configure: 'configure',
  execute: 'execute',
  test: 'test',
  options: 'options',
  verify: 'verify',
  migrate: 'migrate',
  ping: 'ping',
  shutdown: 'shutdown',
  cancel: '$/cancelRequest',
  progress: '$/progress',
  log: 'log',
  records: 'records',
  artifact: 'artifact',
  requestsSearch: 'requests.search',
  requestsGet: 'requests.get',
  assetsSearch: 'assets.search',
  assetsGet: 'assets.get',
  kvGet: 'kv.get',
  kvSet: 'kv.set',
  kvDelete: 'kv.delete',
  httpFetch: 'http.fetch',
} as const

/** The host API methods that need a permission of the same name in the manifest (`permissions.hostApi`). */
export const HOST_API_METHODS = [
  METHODS.requestsSearch,
  METHODS.requestsGet,
  METHODS.assetsSearch,
  METHODS.assetsGet,
  METHODS.kvGet,
  METHODS.kvSet,
  METHODS.kvDelete,
  METHODS.httpFetch,
] as const
export type HostApiMethod = (typeof HOST_API_METHODS)[number]

/** JSON-RPC error codes used on the wire. */
export const RPC_CODES = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  /** A failure told as data: `error.data` is a `WireError`. */
  pluginError: -32000,
  /** `initialize` found no common protocol version. */
  versionMismatch: -32001,
  /** The request was given up after `$/cancelRequest`. */
  cancelled: -32800,
} as const

export type Json = null | boolean | number | string | Json[] | {[key: string]: Json}
export type JsonObject = {[key: string]: Json}

export interface VersionRange {
  min: number
  max: number
}

/** What kind of failure it was; decides retry, the console's repair hint and the HTTP status. */
export const ERROR_CATEGORIES = [
  'config',
  'auth',
  'input',
  'network',
  'rateLimit',
  'unavailable',
  'business',
  'bug',
  'unknown',
] as const
export type ErrorCategory = (typeof ERROR_CATEGORIES)[number]

/** A failure as data. `field` is a JSON pointer into the input or configuration; `retryAfterMs` in milliseconds. */
export interface WireError {
  code: string
  category: ErrorCategory
  message: string
  hint?: string
  field?: string
  retryable: boolean
  retryAfterMs?: number
  /** Only for category `bug`: the plugin's own stack, for its author. */
  stack?: string
}

/** live: do it. dryRun: say what would be done, change nothing. test: a live run asked for by hand. */
export type Mode = 'live' | 'dryRun' | 'test'

/** What a plugin wants changed on the main server's side. The host checks the permission of the same name and applies it. */
export type Effect =
  | {op: 'request.update'; request: string; fields: JsonObject}
  | {op: 'request.create'; fields: JsonObject}
  | {op: 'request.note'; request: string; text: string; public?: boolean}
  /** A file this execution made becomes an attachment of the request. */
  | {op: 'request.attach'; request: string; artifact: string}
  | {op: 'asset.upsert'; asset: JsonObject}
  | {op: 'asset.update'; asset: string; fields: JsonObject}
  | {op: 'user.upsert'; user: JsonObject}
export const EFFECT_OPS = [
  'request.update',
  'request.create',
  'request.note',
  'request.attach',
  'asset.upsert',
  'asset.update',
  'user.upsert',
] as const
export type EffectOp = (typeof EFFECT_OPS)[number]

/** What the manifest asked for and the host granted; closed by default. */
export interface Permissions {
  /** Hosts the plugin may speak to; empty means no network at all. `*` is any host, `*.example.com` any below it. */
  net: string[]
  /** May start other programs. */
  exec: boolean
  /** May start worker threads. */
  workers: boolean
  /** May load native add-ons. */
  addons: boolean
  hostApi: HostApiMethod[]
  effects: EffectOp[]
}

export interface InitializeParams {
  protocol: VersionRange
  hostApi: VersionRange
  plugin: {id: string; version: string}
  /** Name of this process in logs. */
  process: string
  /** Absolute; the only folder the plugin may write to. */
  dataFolder: string
  permissions: Permissions
}
export interface InitializeResult {
  /** The version chosen. */
  protocol: number
  hostApi: number
  capabilities: Capabilities
}
export interface Capabilities {
  actions: string[]
  configure: boolean
  test: boolean
  /** Configuration or input fields whose choices the plugin can list. */
  options: string[]
  /** Actions whose completion the plugin can verify. */
  verify: string[]
  migrate: boolean
}

/** `config: null` takes the registration away again. Secrets are in `config` in the clear: this is their only way in. */
export interface ConfigureParams {
  registration: string
  name: string
  config: JsonObject | null
}

export interface TraceContext {
  /** W3C trace context header. */
  traceparent: string
}

export interface ExecuteParams {
  execution: string
  registration: string
  action: string
  input: Json
  mode: Mode
  /** Milliseconds since 1970 at which the caller gives up. */
  deadline: number
  /** 1 for the first try. */
  attempt: number
  /** The same for every attempt of one execution. */
  idempotencyKey?: string
  trace?: TraceContext
}
export interface ExecuteResult {
  output: Json
  effects: Effect[]
  /** One sentence for the ticket's history. */
  message: string
}

export interface TestParams {
  registration: string
  config: JsonObject
  deadline: number
}
export interface TestStage {
  name: string
  ok: boolean
  durationMs: number
  message?: string
}
export interface TestResult {
  ok: boolean
  stages: TestStage[]
  error?: WireError
}

export interface OptionsParams {
  registration: string
  field: string
  search: string
  /** What is filled in so far, laid over the stored configuration, secrets in the clear: for choices that depend on other fields. */
  values: JsonObject
  deadline: number
}
export interface Option {
  value: Json
  label: string
}
export interface OptionsResult {
  options: Option[]
  /** There are more than were listed: search on. */
  more: boolean
}

export interface VerifyParams {
  execution: string
  registration: string
  action: string
  input: Json
  deadline: number
}
/** Was it done? `unknown` when the other system cannot tell. `output` as `execute` would have answered. */
export interface VerifyResult {
  done: 'yes' | 'no' | 'unknown'
  output?: Json
  message?: string
}

export interface MigrateParams {
  fromVersion: number
  toVersion: number
  config: JsonObject
}
export interface MigrateResult {
  config: JsonObject
}

export interface PingParams {
  /** Milliseconds since 1970. */
  sentAt: number
}
export interface PingResult {
  /** How long the ping waited for the plugin's event loop, milliseconds. */
  lagMs: number
  rssBytes: number
  heapBytes: number
}

export interface ShutdownParams {
  /** Time left to finish what is running, milliseconds. */
  graceMs: number
}

export interface CancelParams {
  id: number | string
}

/** `token` is the execution it belongs to. `done` and `total` in any one unit, named by `message`. */
export interface ProgressParams {
  token: string
  value: Progress
}
export interface Progress {
  done?: number
  total?: number
  message?: string
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
export interface LogParams {
  level: LogLevel
  message: string
  fields?: JsonObject
  execution?: string
}

/** Pulled or discovered things. Answered when they are stored: the answer is the back-pressure. */
export interface RecordsParams {
  execution: string
  records: JsonObject[]
}
export interface RecordsResult {
  accepted: number
}

/** A part of a file an execution makes. Parts of one name are sent in order; `last` closes it. */
export interface ArtifactParams {
  execution: string
  name: string
  /** Media type. */
  type: string
  /** Base64. */
  data: string
  last: boolean
}
export interface ArtifactResult {
  /** Bytes of the file so far. */
  bytes: number
}

export interface SearchParams {
  /** Exact values by field. */
  where?: JsonObject
  /** Words looked for in any text field. */
  text?: string
  limit?: number
  offset?: number
}
export interface SearchResult {
  items: JsonObject[]
  total: number
}
export interface GetParams {
  id: string
}
export interface GetResult {
  item: JsonObject | null
}

export interface KvKey {
  key: string
}
export interface KvEntry {
  key: string
  value: Json
}
export interface KvValue {
  value: Json
}

/** An HTTP call made by the host for the plugin, to hosts of `permissions.net` only. */
export interface FetchParams {
  url: string
  method?: string
  headers?: {[name: string]: string}
  /** Text body. */
  body?: string
  timeoutMs?: number
}
export interface FetchResult {
  status: number
  headers: {[name: string]: string}
  body: string
}
