/** The host's public shapes: what HTTP, the command line and embedding programs see. All of them are plain data (JSON). */
import type {
  Effect,
  Json,
  JsonObject,
  LogLevel,
  Mode,
  Option,
  Permissions,
  Progress,
  TestStage,
  TraceContext,
  WireError,
} from '../runtime/protocol.ts'
import type {Manifest} from './manifest.ts'

/** Why and how a process ended. An exit is a value, never a throw. */
export interface ProcessExit {
  code: number | null
  signal: string | null
  /** Write-once: the first reason wins. */
  reason: ExitReason
  /** One sentence for people. */
  message: string
  /** The last lines of stderr, redacted. */
  stderr: string[]
  at: number
}
export type ExitReason =
  | 'stopped'
  | 'crashed'
  | 'startFailed'
  | 'startTimeout'
  | 'versionMismatch'
  | 'protocolError'
  | 'memory'
  | 'unresponsive'
  | 'writeStuck'
  | 'cancelIgnored'

/** What a running process looks like from outside; bytes and milliseconds. */
export interface ProcessFacts {
  pid: number
  version: string
  startedAt: number
  /** From spawn to the answer to initialize. */
  readyMs: number
  rssBytes: number
  heapBytes: number
  lagMs: number
  inFlight: number
  /** Level 0: permission flags, clean environment, own process group. */
  isolation: 0
}

/**
 * stopped: not wanted to run (lazy and idle, or the server is stopping). starting: spawned, not ready yet.
 * running: takes calls. waiting: crashed, will be started again at retryAt. parked: crashed too often; probed at retryAt.
 * draining: finishing its calls before it stops. disabled: an administrator switched it off.
 */
export type PluginState =
  | {name: 'stopped'; lastExit?: ProcessExit}
  | {name: 'starting'; attempt: number; since: number; lastExit?: ProcessExit}
  | {name: 'running'; since: number; lastExit?: ProcessExit}
  | {name: 'waiting'; attempt: number; retryAt: number; lastExit: ProcessExit}
  | {name: 'parked'; probes: number; retryAt: number; lastExit: ProcessExit}
  | {name: 'draining'; since: number}
  | {name: 'disabled'}

export interface VersionSummary {
  version: string
  /** SHA-256 of the bundle, hex. */
  digest: string
  installedAt: number
  active: boolean
}

export interface PluginSummary {
  id: string
  name: string
  summary: string
  kinds: string[]
  /** The active one; null when the only versions are staged. */
  version: string | null
  enabled: boolean
  state: PluginState
  restarts: number
  queued: number
  process: ProcessFacts | null
}

export interface PluginDetail extends PluginSummary {
  manifest: Manifest
  versions: VersionSummary[]
  permissions: Permissions
  /** What the process may do, in words. */
  allowed: string[]
}

export interface InstallResult {
  id: string
  version: string
  digest: string
  /** False when these very bytes were installed already: nothing was written. */
  created: boolean
  /** False when it is staged, or was installed and active already. */
  activated: boolean
  /** The registration made because no configuration is needed, if any. */
  registration: string | null
}

export interface LogLine {
  /** Milliseconds since 1970. */
  at: number
  seq: number
  plugin: string
  version: string
  /** `stdout` and `stderr`: printed; `plugin`: through the SDK; `host`: about the process. */
  source: 'stdout' | 'stderr' | 'plugin' | 'host'
  level: LogLevel
  message: string
  fields?: JsonObject
  execution?: string
}

export interface Registration {
  id: string
  plugin: string
  name: string
  enabled: boolean
  /** Secrets read as `SECRET_MASK`. */
  config: JsonObject
  createdAt: number
  updatedAt: number
}
/** Shown in place of a secret; sent back, it means "unchanged". */
export const SECRET_MASK = '••••••'

export type ExecutionStatus = 'running' | 'succeeded' | 'failed' | 'timedOut' | 'cancelled' | 'unknown'

export interface AppliedEffect {
  effect: Effect
  /** shown: a dry run; failed ones do not change the plugin's success. */
  status: 'applied' | 'shown' | 'denied' | 'failed'
  result?: JsonObject
  error?: WireError
}

/** What an execution came to; the same shape for success and failure. */
export interface Outcome {
  execution: string
  status: Exclude<ExecutionStatus, 'running'>
  output: Json
  effects: AppliedEffect[]
  message: string
  error: WireError | null
  attempts: number
  durationMs: number
}

export interface Execution extends Omit<Outcome, 'status'> {
  status: ExecutionStatus
  registration: string
  plugin: string
  version: string
  action: string
  mode: Mode
  /** Who asked: token name, `cli`, `demo`. */
  by: string
  /** Secrets masked. */
  input: Json
  startedAt: number
  endedAt: number | null
  records: number
  artifacts: {name: string; type: string; bytes: number}[]
}

export interface ExecuteRequest {
  registration: string
  action: string
  input: Json
  mode?: Mode
  /** Milliseconds from now; the action's own timeout when left out. */
  deadlineMs?: number
  by?: string
  idempotencyKey?: string
  trace?: TraceContext
  /** The caller went away: cancels the call. */
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
}

export interface TestReport {
  ok: boolean
  stages: TestStage[]
  error: WireError | null
  durationMs: number
}

export interface SwapReport {
  plugin: string
  from: string | null
  to: string
  /** Time from the request until the new version took calls, milliseconds. */
  tookMs: number
}

export interface Health {
  status: 'ok'
  version: string
  uptimeMs: number
}
export interface Readiness {
  ready: boolean
  /** Why not, one line each. */
  reasons: string[]
}

/** Who a bearer token stands for. */
export interface Principal {
  name: string
  scopes: string[]
}

export interface ExecutionFilter {
  plugin?: string
  registration?: string
  status?: ExecutionStatus
  limit?: number
  /** Executions older than this id. */
  before?: string
}

/** The plugin server. Every verb throws HostError; nothing else leaves it. */
export interface Host {
  /** Bytes of a .fp or .tgz, or the path of one. With `activate: false` it is staged. */
  installBundle(
    source: string | AsyncIterable<Uint8Array>,
    options?: {activate?: boolean; by?: string},
  ): Promise<InstallResult>
  listPlugins(): PluginSummary[]
  getPlugin(id: string): PluginDetail
  /** Hot swap or roll back. */
  activatePlugin(id: string, version: string): Promise<SwapReport>
  enablePlugin(id: string): Promise<PluginSummary>
  disablePlugin(id: string): Promise<PluginSummary>
  restartPlugin(id: string): Promise<PluginSummary>
  removePlugin(id: string): Promise<void>
  /** The newest lines, oldest first. */
  readLogs(id: string, options?: {lines?: number; execution?: string}): LogLine[]
  /** Lines as they come, until the signal. A reader that is too slow loses lines, never holds the plugin up. */
  followLogs(id: string, options: {signal: AbortSignal}): AsyncIterable<LogLine>

  listRegistrations(filter?: {plugin?: string}): Registration[]
  getRegistration(id: string): Registration
  createRegistration(entry: {
    plugin: string
    name: string
    id?: string
    config?: JsonObject
    enabled?: boolean
  }): Promise<Registration>
  updateRegistration(id: string, change: {name?: string; config?: JsonObject; enabled?: boolean}): Promise<Registration>
  removeRegistration(id: string): Promise<void>
  testRegistration(id: string, options?: {config?: JsonObject; signal?: AbortSignal}): Promise<TestReport>
  listOptions(
    id: string,
    field: string,
    options?: {search?: string; values?: JsonObject},
  ): Promise<{options: Option[]; more: boolean}>

  execute(request: ExecuteRequest): Promise<Outcome>
  listExecutions(filter?: ExecutionFilter): Execution[]
  getExecution(id: string): Execution
  cancelExecution(id: string): Execution
  /** Absolute path and media type. */
  getArtifact(execution: string, name: string): {path: string; type: string}

  /** undefined for a token that is missing, unknown, wrong or expired. */
  authenticate(bearer: string): Principal | undefined
  health(): Health
  readiness(): Readiness
  /** Prometheus text. */
  metrics(): Promise<{type: string; text: string}>
  /** Resolves when the socket, the processes and the store are closed. Idempotent. */
  stop(): Promise<void>
}
