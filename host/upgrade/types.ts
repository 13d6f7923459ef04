import type {ConfigureParams, JsonObject, Permissions} from '../../runtime/protocol.ts'
import type {CallSignal} from '../call-signal.ts'
import type {Clock} from '../clock.ts'
import type {Config} from '../config.ts'
import type {Manifest} from '../manifest.ts'
import type {ConfigMove} from '../registry/config-moves.ts'
import type {Redactor} from '../registry/redact.ts'
import type {Execution, ExecutionFilter} from '../types.ts'
import type {UpgradeReport} from '../upgrade-types.ts'

/** A process of a version beside the one that serves (host/side-process.ts). */
export interface SideProcess {
  readonly capabilities: {migrate: boolean}
  call(
    method: string,
    params: object,
    options: {deadline: number; signal?: CallSignal; action?: string},
  ): Promise<{result: unknown; version: string}>
  stop(): Promise<void>
}

export interface SideOptions {
  sealed: boolean
  configurations: ConfigureParams[]
  /** What it may do at most. */
  permissions: Permissions
  purpose: 'migration' | 'rehearsal'
}

export type OpenSide = (plugin: string, version: string, options: SideOptions) => Promise<SideProcess>

/** One installed version of a plugin, and what it may do as long as nobody agrees to more. */
export interface UpgradeEnd {
  version: string
  manifest: Manifest
  permissions: Permissions
}

/** What became of one registration's configuration. */
export interface MovedConfig {
  move: ConfigMove
  /** What the version is given; undefined when it cannot be brought to its shape. */
  config: JsonObject | undefined
  migrated: boolean
  problems: string[]
  /** It does not fit, and did before. */
  breaks: boolean
}

export interface UpgradeParts {
  clock: Clock
  config: Config['upgrade']
  openSide: OpenSide
  redactorOf(plugin: string): Redactor
  /** From now on the secrets of this configuration are taken out of what the plugin says. */
  hideSecrets(plugin: string, manifest: Manifest, config: JsonObject): void
  listExecutions(filter: ExecutionFilter): Execution[]
  /** Those that work with the version that serves. */
  listBrokenMappings(plugin: string, manifest: Manifest): Promise<UpgradeReport['brokenMappings']>
  listBrokenRules(plugin: string, manifest: Manifest): Promise<UpgradeReport['brokenRules']>
}
