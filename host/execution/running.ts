import type {CallController} from '../call-signal.ts'
import {HostError} from '../errors.ts'
import type {Execution} from '../types.ts'

/** An execution that has not ended; `execution` is its record so far. */
export interface RunningExecution {
  readonly execution: Execution
  readonly controller: CallController
  readonly idempotencyKey: string | undefined
  /** Set once its row is queued for the store, which records and files need. */
  stored?: Promise<void>
  /** Writes that join the transaction of its end. */
  alongside?: (ended: Execution) => void
}

/** The executions that run now, by id. */
export interface RunningExecutions {
  readonly size: number
  add(running: RunningExecution): void
  remove(id: string): void
  find(id: string): RunningExecution | undefined
  list(): Execution[]
  /** For a plugin that speaks of an execution: its own, and still running. Throws EXECUTION_NOT_FOUND. */
  findOf(plugin: string, id: string): RunningExecution
}

export function createRunningExecutions(): RunningExecutions {
  const all = new Map<string, RunningExecution>()
  return {
    get size() {
      return all.size
    },
    add: running => void all.set(running.execution.execution, running),
    remove: id => void all.delete(id),
    find: id => all.get(id),
    list: () => [...all.values()].map(({execution}) => execution),
    findOf(plugin, id) {
      const running = all.get(id)
      // Another plugin's execution looks just like one that does not exist.
      if (running?.execution.plugin !== plugin) throw new HostError('EXECUTION_NOT_FOUND', {id})
      return running
    },
  }
}

/** Makes sure that the execution has its row; once. Rejects with HOST_STORE_FAILED. */
export function storeRunning(
  running: RunningExecution,
  store: {executions: {commit(execution: Execution, key?: string): Promise<void>}},
): Promise<void> {
  running.stored ??= store.executions.commit(running.execution, running.idempotencyKey).catch((error: unknown) => {
    delete running.stored
    throw error
  })
  return running.stored
}
