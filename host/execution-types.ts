/** Public shapes of registrations and executions. */

import type {Effect, Json, JsonObject, Mode, Progress, TestStage, TraceContext, WireError} from '../runtime/protocol.ts'
import type {CallSignal} from './call-signal.ts'

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
  signal?: CallSignal
  onProgress?: (progress: Progress) => void
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
  limit?: number
  /** Executions older than this id. */
  before?: string
}
