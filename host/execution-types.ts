/** Public shapes of registrations and executions. */

import type {
  Effect,
  ErrorCategory,
  Json,
  JsonObject,
  Mode,
  Progress,
  TestStage,
  TraceContext,
  WireError,
} from '../runtime/protocol.ts'
import type {CallSignal} from './call-signal.ts'
import type {OutputRow} from './mapping-types.ts'
import type {Module} from './record-types.ts'

/** How a registration's calls are held back and repeated, beyond what the manifest says. */
export interface RegistrationSettings {
  /** Calls at once, of all its actions. */
  concurrency?: number
  /** Calls begun within the window, at most. */
  throttle?: {limit: number; windowMs: number}
  /** Names of input fields by action: calls with the same values run one at a time. */
  lock?: {[action: string]: string[]}
  /** Takes the place of the manifest's, for every action. */
  retry?: RetryPolicy
  /** A note goes into the record's history when an execution about it has ended; true when left out. */
  notes?: boolean
}

export interface RetryPolicy {
  on?: ErrorCategory[]
  /** Attempts after the first. */
  max?: number
  /** First wait, milliseconds; doubled each time. */
  baseMs?: number
}

export interface Registration {
  id: string
  plugin: string
  name: string
  enabled: boolean
  /** Its configuration is incomplete: it can be kept, but not enabled. */
  draft: boolean
  /** For people. */
  notes: string
  /** Secrets read as `SECRET_MASK`. */
  config: JsonObject
  settings: RegistrationSettings
  /** What is wrong with the configuration now; empty when it fits. */
  problems: {pointer: string; message: string}[]
  createdAt: number
  updatedAt: number
}
/** Shown in place of a secret; sent back, it means "unchanged". */
export const SECRET_MASK = '••••••'

/** queued: accepted, waits for its turn. retrying: an attempt failed, the next one waits. */
export type ExecutionStatus = 'queued' | 'running' | 'retrying' | EndedStatus
export type EndedStatus = 'succeeded' | 'failed' | 'timedOut' | 'cancelled' | 'unknown'

export interface AppliedEffect {
  effect: Effect
  /** shown: a dry run; failed ones do not change the plugin's success. */
  status: 'applied' | 'shown' | 'denied' | 'failed'
  result?: JsonObject
  error?: WireError
  /** Not asked for by the plugin: a row of the mapping's output, or the note in the record's history. */
  from?: 'mapping' | 'note'
}

/** What an execution came to; the same shape for success and failure. */
export interface Outcome {
  execution: string
  status: EndedStatus
  output: Json
  effects: AppliedEffect[]
  message: string
  error: WireError | null
  attempts: number
  durationMs: number
  /** Of a dry run; null of any other. */
  fence: Fence | null
}

/**
 * How sure it is that a dry run changed nothing. native: the plugin promises it. sealed: it ran in a process of its own without
 * network, programs and writing host calls. read: the action only reads, and ran as it is.
 */
export type Fence = 'native' | 'sealed' | 'read'

/** What asked for it, besides a person. */
export interface Origin {
  kind: 'rule' | 'schedule' | 'scenario' | 'replay'
  /** Rule run, schedule, or the execution that was replayed. */
  id: string
}

/** One try. `startedAt` in milliseconds since 1970. */
export interface Attempt {
  startedAt: number
  durationMs: number
  version: string
  error: WireError | null
}

export interface Execution extends Omit<Outcome, 'status'> {
  status: ExecutionStatus
  /** True for one that was accepted to be run later, and survives the server. */
  durable: boolean
  /** The record it is about, `request:12`. */
  record: string | null
  /** The mapping that made its input. */
  mapping: {name: string; revision: number} | null
  origin: Origin | null
  /** The attempts before the last, oldest first. */
  tries: Attempt[]
  /** Of a retrying one, milliseconds since 1970. */
  nextAttemptAt: number | null
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
  /** Told in its history. */
  record?: string
  mapping?: {name: string; revision: number}
  /** Where the mapping writes what comes out. */
  output?: OutputTarget
  origin?: Origin
  mode?: Mode
  /** Milliseconds from now; the action's own timeout when left out. */
  deadlineMs?: number
  by?: string
  idempotencyKey?: string
  trace?: TraceContext
  /** The caller went away: cancels the call. */
  signal?: CallSignal
  onProgress?: (progress: Progress) => void
}

/** The record that an execution's output is written to, and the rows that say what goes where. */
export interface OutputTarget {
  module: Module
  record: string
  rows: OutputRow[]
}

export interface TestReport {
  ok: boolean
  stages: TestStage[]
  error: WireError | null
  durationMs: number
}

export interface ExecutionFilter {
  plugin?: string
  registration?: string
  status?: ExecutionStatus
  action?: string
  mode?: Mode
  by?: string
  /** `request:12`. */
  record?: string
  /** Started at or after, and before; milliseconds since 1970. */
  since?: number
  until?: number
  limit?: number
  /** Executions older than this id. */
  before?: string
}

/** An execution whose input a mapping makes of a record. */
export interface MappedRequest extends Omit<ExecuteRequest, 'input' | 'mapping' | 'output' | 'record'> {
  /** Name of a saved mapping of the registration. */
  mapping: string
  /** `request:12`, read from the main server; or the record itself. */
  record: string | JsonObject
  old?: JsonObject
}

/** What a mapping was configured to and what the execution was given. */
export interface ExplainedInput {
  mapping: {name: string; revision: number} | null
  rows: {target: string; configured: string | null; used: Json}[]
}

/** Verbs on executions beyond those that wait for the outcome. */
export interface ExecutionVerbs {
  /** Resolves when the execution is on the disk: it will be run, also after a crash of the server. */
  submit(request: ExecuteRequest): Promise<Execution>
  executeMapped(request: MappedRequest): Promise<Outcome>
  submitMapped(request: MappedRequest): Promise<Execution>
  /** Submits the same input again, on the version that is active now. Throws EXECUTION_NOT_REPLAYABLE when its secrets were not kept. */
  replayExecution(id: string, options?: {mode?: Mode; by?: string}): Promise<Execution>
  /** Dead ones (failed, timedOut, unknown, cancelled) once more, in bulk; those that cannot are told why. */
  retryExecutions(
    which: {executions: string[]} | {filter: ExecutionFilter},
    by?: string,
  ): Promise<{retried: {execution: string; as: string}[]; refused: {execution: string; reason: string}[]}>
  explainInput(id: string): ExplainedInput
}
