import type {ConfigureParams, Progress} from '../../runtime/protocol.ts'
import type {CallSignal} from '../call-signal.ts'
import type {Clock} from '../clock.ts'
import type {Config} from '../config.ts'
import type {ProcessHooks, StartProcess} from '../process/types.ts'
import type {PluginState, ProcessExit} from '../types.ts'

/** What happened to a plugin, for logs, metrics and the registry. Times in milliseconds. */
export type SupervisionEvent =
  | {type: 'state'; state: PluginState}
  | {type: 'ready'; version: string; readyMs: number}
  | {type: 'exit'; version: string; exit: ProcessExit; expected: boolean}
  | {type: 'swap'; from: string; to: string; result: 'done' | 'failed' | 'rolledBack'; reason?: string}

export interface SupervisorParts {
  id: string
  clock: Clock
  config: Pick<Config, 'process' | 'restart' | 'swap'>
  startProcess: StartProcess
  hooks(version: string): ProcessHooks
  /** Enabled registrations of the plugin whose configuration fits the version, with secrets. */
  listConfigurations(version: string): ConfigureParams[]
  onEvent(event: SupervisionEvent): void
  /** Time to wait until a restart may be, shared by all plugins, milliseconds. */
  takeRestart(): number
  /** 0 to 1. */
  random(): number
}

export interface SupervisedCall {
  signal?: CallSignal | undefined
  /** Milliseconds since 1970. */
  deadline: number
  execution?: string | undefined
  onProgress?: ((progress: Progress) => void) | undefined
  /** For messages. */
  action?: string
}
