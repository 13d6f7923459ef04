import {type HostError, isHostError} from '../../errors.ts'
import type {ExecutorParts} from '../types.ts'
import {readEntry} from './accept.ts'
import type {Entry} from './lane.ts'

/** One that a server before this one has accepted and not ended; with the error when its secrets cannot be read any more. */
export interface Recovered {
  entry: Entry
  error?: HostError
}

export function recoverEntries({store, secrets}: Pick<ExecutorParts, 'store' | 'secrets'>): Recovered[] {
  return store.queue.list().flatMap((row): Recovered[] => {
    const execution = store.executions.find(row.execution)
    if (!execution || execution.endedAt !== null) {
      // It has ended, and its row here could not be removed with that.
      store.commitNow(() => store.queue.remove(row.execution))
      return []
    }
    if (execution.status !== 'retrying') execution.status = 'queued'
    try {
      return [{entry: {...readEntry(execution, row, {secrets}), isLeft: true}}]
    } catch (error) {
      if (!isHostError(error)) throw error
      return [{entry: readEntry(execution, {...row, request: {}}, {secrets}), error}]
    }
  })
}
