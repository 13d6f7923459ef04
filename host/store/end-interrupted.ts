import type {DatabaseSync} from 'node:sqlite'
import {HostError} from '../errors.ts'
import type {Execution} from '../types.ts'
import {prepareStatement} from './statement.ts'

/** Executions that a server which is gone left running, but for those in the queue: nobody knows what they came to, and they are told so. Returns how many. */
export function endInterrupted(db: DatabaseSync, now: number): number {
  const running = prepareStatement<{id: string; data: string}>(
    db,
    `SELECT id, data FROM executions WHERE status = 'running' AND id NOT IN (SELECT execution FROM queue)`,
  ).all()
  const update = prepareStatement(db, `UPDATE executions SET status = 'unknown', data = ? WHERE id = ?`)
  for (const {id, data} of running) {
    update.run(JSON.stringify(endExecution(JSON.parse(data) as Execution, now)), id)
  }
  return running.length
}

function endExecution(execution: Execution, now: number): Execution {
  const {code, message} = new HostError('EXECUTION_INTERRUPTED', {action: execution.action})
  return {
    ...execution,
    status: 'unknown',
    message,
    error: {code, category: 'unavailable', message, retryable: false},
    endedAt: now,
    durationMs: Math.max(0, now - execution.startedAt),
  }
}
