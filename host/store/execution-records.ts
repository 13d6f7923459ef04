import type {DatabaseSync} from 'node:sqlite'
import type {JsonObject} from '../../runtime/protocol.ts'
import type {GroupWriter} from './group-writer.ts'
import {prepareStatement} from './statement.ts'

/** Assets an execution found or pulled, staged in the order they came. */
export interface ExecutionRecordTable {
  /** Resolves when all of them are on the disk. `firstSeq` counts from 0; the execution's row must be there. */
  commit(execution: string, firstSeq: number, records: readonly JsonObject[]): Promise<void>
  clear(execution: string): Promise<void>
  list(execution: string, page?: {from?: number; limit?: number}): JsonObject[]
  count(execution: string): number
}

export function createExecutionRecordTable(db: DatabaseSync, writer: GroupWriter): ExecutionRecordTable {
  const insert = prepareStatement(db, 'INSERT INTO execution_records (execution, seq, data) VALUES (?, ?, ?)')
  const select = prepareStatement<{data: string}>(
    db,
    'SELECT data FROM execution_records WHERE execution = ? AND seq >= ? ORDER BY seq LIMIT ?',
  )
  const count = prepareStatement<{count: number}>(
    db,
    'SELECT count(*) AS count FROM execution_records WHERE execution = ?',
  )
  const clear = prepareStatement(db, 'DELETE FROM execution_records WHERE execution = ?')
  return {
    commit(execution, firstSeq, records) {
      const rows = records.map(record => JSON.stringify(record))
      return writer.commit(() => {
        for (const [index, data] of rows.entries()) insert.run(execution, firstSeq + index, data)
      })
    },
    clear: execution => writer.commit(() => void clear.run(execution)),
    list: (execution, {from = 0, limit = 1000} = {}) =>
      select.all(execution, from, limit).map(row => JSON.parse(row.data) as JsonObject),
    count: execution => count.get(execution)?.count ?? 0,
  }
}
