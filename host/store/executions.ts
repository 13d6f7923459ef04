import type {DatabaseSync} from 'node:sqlite'
import type {Mode} from '../../runtime/protocol.ts'
import type {Execution, ExecutionFilter} from '../types.ts'
import type {GroupWriter} from './group-writer.ts'
import {createSearch, matchesFilter, mergeNewest} from './search-executions.ts'
import {prepareStatement} from './statement.ts'

const COLUMNS = 'id, plugin, registration, action, mode, status, started_at, idempotency_key, asked_by, record, data'
const UPSERT = `INSERT INTO executions (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET status = excluded.status, data = excluded.data`
export const LIST_LIMIT = 100

export interface KeyedBy {
  registration: string
  action: string
  mode: Mode
  key: string
  /** Executions started before are forgotten; milliseconds since 1970. */
  since: number
}

/** The log of executions. Reads see what is queued too. */
export interface ExecutionTable {
  /** Queued; for what has finished. Never throws. */
  record(execution: Execution, idempotencyKey?: string): void
  /** Resolves when it is on the disk; for what has been accepted. `before` runs first in the same transaction, and may complete it. */
  commit(execution: Execution, idempotencyKey?: string, before?: () => void): Promise<void>
  /** In the caller's transaction. */
  save(execution: Execution, idempotencyKey?: string): void
  /** One that never ran after all. */
  remove(id: string): Promise<void>
  find(id: string): Execution | undefined
  findByKey(by: KeyedBy): Execution | undefined
  /** The newest first. */
  list(filter?: ExecutionFilter): Execution[]
  count(): number
}

interface Raw {
  data: string
}

export function createExecutionTable(db: DatabaseSync, writer: GroupWriter): ExecutionTable {
  const upsert = prepareStatement(db, UPSERT)
  const select = prepareStatement<Raw>(db, 'SELECT data FROM executions WHERE id = ?')
  const selectByKey = prepareStatement<Raw>(
    db,
    `SELECT data FROM executions WHERE registration = ? AND action = ? AND mode = ? AND idempotency_key = ?
     AND started_at >= ? ORDER BY id LIMIT 1`,
  )
  const remove = prepareStatement(db, 'DELETE FROM executions WHERE id = ?')
  const count = prepareStatement<{count: number}>(db, 'SELECT count(*) AS count FROM executions')
  const findMatching = createSearch(db)
  const queued = new Map<string, string>()

  function prepareWrite(execution: Execution, key: string | undefined, data: string): () => void {
    const {execution: id, plugin, registration, action, mode, status, startedAt, by, record} = execution
    return () => {
      upsert.run(id, plugin, registration, action, mode, status, startedAt, key ?? null, by, record, data)
    }
  }

  return {
    record(execution, key) {
      // Text at once: what the caller does with the outcome must not change the log.
      const data = JSON.stringify(execution)
      const id = execution.execution
      queued.set(id, data)
      writer.append(prepareWrite(execution, key, data), {
        chars: data.length,
        done: () => void (queued.get(id) === data && queued.delete(id)),
      })
    },
    commit(execution, key, before) {
      if (!before) return writer.commit(prepareWrite(execution, key, JSON.stringify(execution)))
      return writer.commit(() => {
        before()
        prepareWrite(execution, key, JSON.stringify(execution))()
      })
    },
    save: (execution, key) => prepareWrite(execution, key, JSON.stringify(execution))(),
    remove: id => writer.commit(() => void remove.run(id)),
    find(id) {
      const data = queued.get(id) ?? select.get(id)?.data
      return data === undefined ? undefined : parseExecution(data)
    },
    findByKey({registration, action, mode, key, since}) {
      const row = selectByKey.get(registration, action, mode, key, since)
      return row && parseExecution(row.data)
    },
    list(filter = {}) {
      const limit = filter.limit ?? LIST_LIMIT
      const stored = findMatching(filter, limit).map(row => parseExecution(row.data))
      const current = stored.filter(({execution}) => !queued.has(execution))
      const waiting = [...queued.values()].map(parseExecution).filter(execution => matchesFilter(execution, filter))
      return mergeNewest([...waiting, ...current], limit)
    },
    count: () => count.get()?.count ?? 0,
  }
}

function parseExecution(data: string): Execution {
  return JSON.parse(data) as Execution
}
