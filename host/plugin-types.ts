/** Public shapes of plugins: versions, processes, states, log lines. */
import type {JsonObject, LogLevel, Permissions} from '../runtime/protocol.ts'
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
