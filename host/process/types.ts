import type {Capabilities, ConfigureParams, Permissions, Progress} from '../../runtime/protocol.ts'
import type {CallSignal} from '../call-signal.ts'
import type {ProcessLimits} from '../manifest.ts'
import type {Redactor} from '../registry/redact.ts'
import type {LogLine, ProcessExit} from '../types.ts'

/** Everything needed to start one process of one plugin version. */
export interface LaunchSpec {
  id: string
  version: string
  /** Absolute folder of the unpacked bundle. */
  bundleFolder: string
  /** Absolute folder the plugin may write to; made when it is not there. */
  dataFolder: string
  /** Path in the bundle, or the program of another language. */
  program: {entry: string} | {command: string[]}
  permissions: Permissions
  limits: ProcessLimits
  /** Actions the manifest declares; a plugin that lacks one does not start. */
  actions: string[]
  /** Attaches Node's debugger and lets no timer run against the process. */
  inspect?: 'inspect' | 'inspect-brk'
}

export type ProcessLog = Pick<LogLine, 'source' | 'level' | 'message' | 'fields' | 'execution'>

export type TraceDirection = 'toPlugin' | 'fromPlugin'

/** What a process tells its owner. */
export interface ProcessHooks {
  onLog(line: ProcessLog): void
  /** A host API request; a thrown HostError or PluginFailure goes back as data. */
  onRequest(method: string, params: unknown): Promise<unknown>
  /** Takes secrets out of errors, exits and progress, as they come. Answers and log lines are left to their receiver. */
  redactor?: Redactor
  /** Every message, for a wire trace. */
  onTrace?: (direction: TraceDirection, message: unknown) => void
}

export interface CallOptions {
  /** Aborted: the plugin is asked to give up; one that does not is ended after the grace. */
  signal?: CallSignal
  /** Execution whose progress `onProgress` hears of. */
  execution?: string
  onProgress?: (progress: Progress) => void
}

/** One child process from ready to exit, once. */
export interface PluginProcess {
  readonly name: string
  readonly pid: number
  readonly version: string
  readonly startedAt: number
  /** From spawn to the answer to `initialize`, milliseconds. */
  readonly readyMs: number
  readonly capabilities: Capabilities
  /** Never rejects: an exit is a value. */
  readonly exited: Promise<ProcessExit>
  /** After the exit: nothing it had started is left either. */
  readonly gone: Promise<void>
  /** Calls sent and not answered yet. */
  readonly inFlight: number
  /** When anything last came from it, milliseconds since 1970. */
  readonly lastHeardAt: number
  readonly memory: {rssBytes: number; heapBytes: number; lagMs: number}
  /** Rejects with HostError (PLUGIN_CRASHED, PLUGIN_BUSY, ...) or PluginFailure. */
  call(method: string, params: object, options?: CallOptions): Promise<unknown>
  configure(params: ConfigureParams): Promise<void>
  ping(): Promise<void>
  /** Resolves when nothing is in flight, or after the time, milliseconds. */
  drain(timeoutMs: number): Promise<void>
  /** Resolves when it and all it started are gone. Idempotent: the same promise each time. */
  stop(): Promise<ProcessExit>
  /** Ends it at once for this reason; the first reason wins. */
  end(reason: ProcessExit['reason'], message: string): void
}

/** Starts a process and shakes hands. Rejects with HostError whose `details.exit` is the ProcessExit. */
export type StartProcess = (
  spec: LaunchSpec,
  hooks: ProcessHooks,
  options?: {signal?: AbortSignal},
) => Promise<PluginProcess>
