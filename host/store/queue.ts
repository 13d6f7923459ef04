import type {DatabaseSync} from 'node:sqlite'
import type {JsonObject} from '../../runtime/protocol.ts'
import {prepareStatement} from './statement.ts'

/** An accepted execution that has not ended; its row in the log of executions is there, too. */
export interface QueueRow {
  execution: string
  /** Milliseconds since 1970. */
  dueAt: number
  /** The plugin may have seen it. */
  started: boolean
  /** What it takes to run it, besides what the log says. */
  request: JsonObject
}

/** All writes are to be made in a transaction, together with the log of executions. */
export interface QueueTable {
  insert(row: QueueRow): void
  /** Before the plugin sees it. */
  markStarted(execution: string): void
  /** It is to be tried again; the plugin has not seen that attempt. */
  postpone(execution: string, dueAt: number): void
  remove(execution: string): void
  /** In the order they were accepted. */
  list(): QueueRow[]
  count(): number
}

interface Raw {
  execution: string
  due_at: number
  started: number
  request: string
}

export function createQueueTable(db: DatabaseSync): QueueTable {
  const insert = prepareStatement(db, 'INSERT INTO queue (execution, due_at, started, request) VALUES (?, ?, ?, ?)')
  const markStarted = prepareStatement(db, 'UPDATE queue SET started = 1 WHERE execution = ?')
  const postpone = prepareStatement(db, 'UPDATE queue SET started = 0, due_at = ? WHERE execution = ?')
  const remove = prepareStatement(db, 'DELETE FROM queue WHERE execution = ?')
  const selectAll = prepareStatement<Raw>(
    db,
    'SELECT execution, due_at, started, request FROM queue ORDER BY execution',
  )
  const count = prepareStatement<{count: number}>(db, 'SELECT count(*) AS count FROM queue')
  return {
    insert: ({execution, dueAt, started, request}) =>
      void insert.run(execution, dueAt, Number(started), JSON.stringify(request)),
    markStarted: execution => void markStarted.run(execution),
    postpone: (execution, dueAt) => void postpone.run(dueAt, execution),
    remove: execution => void remove.run(execution),
    list: () =>
      selectAll.all().map(({execution, due_at, started, request}) => ({
        execution,
        dueAt: due_at,
        started: started === 1,
        request: JSON.parse(request) as JsonObject,
      })),
    count: () => count.get()?.count ?? 0,
  }
}
