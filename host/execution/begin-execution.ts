import {createRedactor} from '../registry/redact.ts'
import {listSecrets, maskSecrets} from '../registry/secret-fields.ts'
import type {ExecuteRequest, Execution} from '../types.ts'
import type {PreparedCall} from './prepare-call.ts'
import type {ExecutorParts} from './types.ts'

export type Redaction = <T>(value: T) => T

/** The record of an execution that nothing has been done for yet. */
export function describeExecution(
  call: PreparedCall,
  request: ExecuteRequest,
  {id, now, durable, redact}: {id: string; now: number; durable: boolean; redact: Redaction},
): Execution {
  return {
    execution: id,
    status: durable ? 'queued' : 'running',
    registration: call.registration.id,
    plugin: call.registration.plugin,
    version: call.active.version,
    action: call.name,
    mode: call.mode,
    by: request.by ?? 'host',
    input: redact(call.checks.hasSecrets ? maskSecrets(call.action.input, call.input) : call.input),
    output: null,
    effects: [],
    message: '',
    error: null,
    attempts: 0,
    startedAt: now,
    endedAt: null,
    durationMs: 0,
    records: 0,
    artifacts: [],
    durable,
    record: request.record ?? null,
    mapping: request.mapping ?? null,
    origin: request.origin ?? null,
    fence: call.fence,
    tries: [],
    nextAttemptAt: null,
  }
}

/** Secrets of the configuration, and those that this input brought. */
export function createRedaction(
  {checks, action, input, registration}: PreparedCall,
  parts: Pick<ExecutorParts, 'redactorFor'>,
): Redaction {
  const configured = parts.redactorFor(registration.id)
  if (!checks.hasSecrets) return configured.json
  const given = createRedactor(listSecrets(action.input, input))
  return value => given.json(configured.json(value))
}
