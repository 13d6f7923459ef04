import type {DatabaseSync} from 'node:sqlite'
import {prepareStatement} from './statement.ts'

const OLDEST = `FROM executions WHERE status <> 'running' ORDER BY id LIMIT ?`

/**
 * Deletes the oldest executions above `keep`, with their records and artifacts' rows.
 * Returns those that had artifacts: their files are for the caller to remove.
 */
export function createPruning(db: DatabaseSync): (keep: number) => string[] {
  const count = prepareStatement<{count: number}>(db, 'SELECT count(*) AS count FROM executions')
  const selectFiles = prepareStatement<{execution: string}>(
    db,
    `SELECT DISTINCT execution FROM artifacts WHERE execution IN (SELECT id ${OLDEST})`,
  )
  const remove = prepareStatement(db, `DELETE FROM executions WHERE id IN (SELECT id ${OLDEST})`)
  return keep => {
    const surplus = (count.get()?.count ?? 0) - keep
    if (surplus <= 0) return []
    const withFiles = selectFiles.all(surplus).map(row => row.execution)
    remove.run(surplus)
    return withFiles
  }
}
