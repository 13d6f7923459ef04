import type {Progress} from '../../runtime/protocol.ts'
import type {CallSignal} from '../call-signal.ts'
import type {Clock} from '../clock.ts'
import type {Config} from '../config.ts'
import type {MainServer} from '../main-server/main-server.ts'
import type {Manifest} from '../manifest.ts'
import type {Redactor} from '../registry/redact.ts'
import type {RegistrationHead} from '../registry/registrations.ts'
import type {Secrets} from '../registry/secrets.ts'
import type {Store} from '../store/open-store.ts'
import type {Execution} from '../types.ts'

export interface CallOptions {
  signal: CallSignal
  /** Milliseconds since 1970. */
  deadline: number
  /** Execution the call belongs to. */
  execution: string
  /** For messages. */
  action: string
  onProgress?: (progress: Progress) => void
}

/**
 * Rejects with PluginFailure, HostError, or the signal's reason. A HostError whose `details.sent` is false tells that the
 * plugin never saw the call.
 */
export type CallPlugin = (
  plugin: string,
  method: string,
  params: object,
  options: CallOptions,
) => Promise<{result: unknown; version: string}>

/** The version of a plugin that takes new calls. The same manifest object each time: compiled schemas hang on it. */
export interface ActiveVersion {
  manifest: Manifest
  version: string
}

export interface ExecutorParts {
  clock: Clock
  store: Pick<Store, 'executions' | 'records' | 'artifacts' | 'pruneExecutions' | 'queue' | 'writer' | 'commitNow'>
  secrets: Pick<Secrets, 'sealText' | 'openText'>
  /** Absolute; holds a folder for each execution that makes files. */
  artifactFolder: string
  findRegistration(id: string): RegistrationHead | undefined
  findManifest(plugin: string): ActiveVersion | undefined
  /** Throws CONFIG_INVALID when the registration was configured for another version and does not fit this one. Called each time. */
  requireFit(registration: string, manifest: Manifest): void
  callPlugin: CallPlugin
  /** Likewise, in a process of its own that is sealed: for dry runs. A call of METHODS.execute. */
  callSealed: CallPlugin
  mainServer: MainServer
  redactorFor(registration: string): Redactor
  config: Config['execution']
  /** Each execution once, when it has ended: for metrics. Must not throw. */
  onFinished?: (execution: Execution) => void
  /** What went wrong without a caller to tell it to. Must not throw. */
  onError?: (error: unknown) => void
  /** 0 to 1. */
  random?: () => number
}
