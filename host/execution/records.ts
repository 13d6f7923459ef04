import type {JsonObject, RecordsParams} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import type {Redactor} from '../registry/redact.ts'
import {compileSchema, formatProblems} from '../schema.ts'
import type {Store} from '../store/open-store.ts'
import {type RunningExecutions, storeRunning} from './running.ts'

const check = compileSchema({
  type: 'object',
  required: ['execution', 'records'],
  properties: {
    execution: {type: 'string', maxLength: 100},
    records: {type: 'array', maxItems: 10_000, items: {type: 'object'}},
  },
})

export interface RecordParts {
  store: Pick<Store, 'executions' | 'records'>
  running: RunningExecutions
  redactorFor(registration: string): Redactor
}

/** Stages what a running execution of that very plugin found; resolves when it is on the disk: that is the back-pressure. */
export function createRecordStaging({store, running, redactorFor}: RecordParts) {
  return async (plugin: string, params: unknown): Promise<{accepted: number}> => {
    const problems = check(params)
    if (problems.length > 0) throw new HostError('INPUT_INVALID', {reason: formatProblems(problems), problems})
    const {execution: id, records} = params as RecordsParams
    const current = running.findOf(plugin, id)
    const {execution} = current
    if (execution.mode === 'dryRun' || records.length === 0) return {accepted: 0}
    const redacted: JsonObject[] = redactorFor(execution.registration).json(records)
    // Counted before the wait, so that batches sent together get their own numbers.
    const first = execution.records
    execution.records += records.length
    await Promise.all([storeRunning(current, store), store.records.commit(id, first, redacted)])
    return {accepted: records.length}
  }
}
