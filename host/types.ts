/** The host's public shapes: what HTTP, the command line and embedding programs see. All of them are plain data (JSON). */
import type {JsonObject, Option} from '../runtime/protocol.ts'
import type {AccessVerbs} from './access-types.ts'
import type {CallSignal} from './call-signal.ts'
import type {
  ExecuteRequest,
  Execution,
  ExecutionFilter,
  ExecutionVerbs,
  Outcome,
  Registration,
  RegistrationSettings,
  TestReport,
} from './execution-types.ts'
import type {MappingVerbs} from './mapping-types.ts'
import type {InstallResult, LogLine, PluginDetail, PluginSummary} from './plugin-types.ts'
import type {RecordVerbs} from './record-types.ts'
import type {ActivateOptions, UpgradeReport, UpgradeVerbs} from './upgrade-types.ts'
import type {RuleVerbs, ScheduleVerbs} from './workflow-types.ts'

export * from './access-types.ts'
export * from './execution-types.ts'
export * from './mapping-types.ts'
export type * from './plugin-types.ts'
export * from './record-types.ts'
export type * from './upgrade-types.ts'
export type * from './workflow-types.ts'

export interface SwapReport {
  plugin: string
  from: string | null
  to: string
  /** Time from the request until the new version took calls, milliseconds. */
  tookMs: number
  /** What it changed; null when there was no other version before. */
  upgrade: UpgradeReport | null
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
  /** Id of the token; undefined where there is none behind it. */
  token?: string
}

/** The plugin server. Every verb throws HostError; nothing else leaves it. */
export interface Host
  extends UpgradeVerbs,
    RecordVerbs,
    MappingVerbs,
    ExecutionVerbs,
    RuleVerbs,
    ScheduleVerbs,
    AccessVerbs {
  /**
   * Bytes of a .fp or .tgz, or the path of one. With `activate: false` it is staged; so it is when its activation is refused, as
   * `activatePlugin` tells.
   */
  installBundle(
    source: string | AsyncIterable<Uint8Array>,
    options?: {activate?: boolean} & Omit<ActivateOptions, 'rehearse'>,
  ): Promise<InstallResult>
  listPlugins(): PluginSummary[]
  getPlugin(id: string): PluginDetail
  /** Hot swap or roll back. Throws CONSENT_NEEDED, UPGRADE_BREAKS, REHEARSAL_DIFFERS, PLUGIN_SWAP_FAILED. */
  activatePlugin(id: string, version: string, options?: ActivateOptions): Promise<SwapReport>
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
    /** Keeps a configuration that is incomplete; it stays off until it fits. */
    draft?: boolean
    notes?: string
    settings?: RegistrationSettings
  }): Promise<Registration>
  updateRegistration(
    id: string,
    change: {
      name?: string
      config?: JsonObject
      enabled?: boolean
      draft?: boolean
      notes?: string
      settings?: RegistrationSettings
    },
  ): Promise<Registration>
  /** Writes a file (PEM or other text) into a file field; `field` may lead into objects: `tls.ca`. Empty takes it away. */
  putRegistrationFile(id: string, field: string, text: string): Promise<Registration>
  removeRegistration(id: string): Promise<void>
  testRegistration(id: string, options?: {config?: JsonObject; signal?: CallSignal}): Promise<TestReport>
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
