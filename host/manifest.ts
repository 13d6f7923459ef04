import type {EffectOp, ErrorCategory, HostApiMethod, Json, JsonObject, Permissions} from '../runtime/protocol.ts'

/** A JSON Schema 2020-12 document; `x-fp-*` keywords are ours (docs/manifest.md). */
export type JsonSchema = JsonObject

export const PLUGIN_KINDS = ['notification', 'discovery', 'report', 'pull', 'pullUsers', 'action'] as const
export type PluginKind = (typeof PLUGIN_KINDS)[number]

/** `plugin.json` as its author wrote it; `plugin.schema.json` is the rule book and `parseManifest` the only way in. */
export interface Manifest {
  $schema?: string
  /** Manifest format. */
  fp: 1
  id: string
  /** Semantic version. */
  version: string
  name: string
  summary: string
  vendor?: string
  license?: string
  homepage?: string
  /** Path of a Markdown file in the bundle. */
  docs?: string
  /** Path of an SVG or PNG file in the bundle. */
  icon?: string
  kinds: PluginKind[]
  /** Path of the JavaScript (in a source folder: TypeScript) module; left out when `process.command` is given. */
  entry?: string
  process?: ProcessSettings
  permissions?: Partial<Permissions>
  config?: ConfigSettings
  actions: {[name: string]: ActionSettings}
}

export interface ProcessSettings {
  /** Another language: program and arguments; `{bundle}` stands for the bundle's folder. Needs no `entry`. */
  command?: string[]
  /** Resident memory above which the process is ended, MiB. */
  memoryMb?: number
  startTimeoutMs?: number
  /** Calls handed to the process at once; more wait in the queue. */
  concurrency?: number
  /** Calls that may wait; more are refused with PLUGIN_BUSY. */
  queue?: number
  /** `eager`: with the server; `lazy`: at the first call. */
  start?: 'eager' | 'lazy'
  /** Idle time after which a lazy process is stopped; 0 is never. */
  idleStopMs?: number
  /** `stop-first` for plugins that hold a port or a lock. */
  swap?: 'start-first' | 'stop-first'
  /** `connection`: a new version must pass the connection test of every enabled registration before it takes calls. */
  selfTest?: 'none' | 'connection'
  /** Refuses code from strings (`eval`, `new Function`). Off by default: it costs every start some 7 ms, as Node's code cache no longer fits. */
  forbidEval?: boolean
}

export interface ConfigSettings {
  schema: JsonSchema
  /** Raised when the shape changes; the plugin's `migrate` brings older ones up. */
  version?: number
  /** Fields that tell one registration from another. */
  uniqueId?: string[]
  ui?: JsonObject
}

export type ActionEffect = 'read' | 'create' | 'update' | 'delete' | 'send'

export interface ActionSettings {
  label?: string
  description?: string
  effect: ActionEffect
  input: JsonSchema
  output: JsonSchema
  samples: {title: string; input: Json; output?: Json}[]
  /** `native`: the action honours dryRun itself. `none`: a dry run is sealed by the host. */
  dryRun?: 'native' | 'none'
  /** natural: doing it twice is doing it once. key: the idempotency key makes it so. none: never repeated by the host. */
  idempotency?: 'natural' | 'key' | 'none'
  /** Deadline when the caller names none, milliseconds. */
  timeoutMs?: number
  retry?: {on?: ErrorCategory[]; max?: number; baseMs?: number}
  /** Names of input fields: calls with the same values run one at a time, within a registration. */
  lock?: string[]
  /** Calls begun within the window, at most; within a registration. */
  throttle?: {limit: number; windowMs: number}
}

/** Every optional setting filled in: what the host works with. */
export interface ProcessLimits {
  memoryMb: number
  startTimeoutMs: number
  concurrency: number
  queue: number
  start: 'eager' | 'lazy'
  idleStopMs: number
  swap: 'start-first' | 'stop-first'
  selfTest: 'none' | 'connection'
  forbidEval: boolean
}

export const PROCESS_DEFAULTS: ProcessLimits = {
  memoryMb: 256,
  startTimeoutMs: 10_000,
  concurrency: 32,
  queue: 256,
  start: 'eager',
  idleStopMs: 0,
  swap: 'start-first',
  selfTest: 'none',
  forbidEval: false,
}

/** Default deadline of an action, milliseconds. */
export const ACTION_TIMEOUT_MS = 30_000

export function processLimits({command: _, ...settings}: ProcessSettings = {}): ProcessLimits {
  return {...PROCESS_DEFAULTS, ...settings}
}

export function grantedPermissions(manifest: Manifest): Permissions {
  return {net: [], exec: false, workers: false, addons: false, hostApi: [], effects: [], ...manifest.permissions}
}

export type {EffectOp, HostApiMethod}

/** A host call in flight is retried by itself only when repeating it does no harm. */
export function isIdempotent(action: ActionSettings): boolean {
  return action.effect === 'read' || action.idempotency === 'natural' || action.idempotency === 'key'
}

/** True when a registration can be made from nothing: no configuration field is required. */
export function needsConfiguration(manifest: Manifest): boolean {
  const {required, properties} = manifest.config?.schema ?? {}
  // One that may be hidden is not always required: whoever registers will see.
  const isHidden = (name: Json): boolean =>
    Object.hasOwn(Object((properties as JsonObject | undefined)?.[String(name)] ?? {}), 'x-fp-when')
  return Array.isArray(required) && required.some(name => !isHidden(name))
}
