import type {DatabaseSync} from 'node:sqlite'
import {startOfId} from './search-executions.ts'
import {prepareStatement} from './statement.ts'

/** Deleted in one go, as everything else waits meanwhile. */
const AT_ONCE = 2000
const ENDED = `status NOT IN ('queued', 'running', 'retrying')`

export interface Retention {
  /** Executions kept at most; the oldest go first. */
  keep: number
  /** Those started before, milliseconds since 1970, go whatever their number. */
  before?: number
}

export interface Pruned {
  deleted: number
  /** Those that had artifacts: their files are for the caller to remove. */
  withFiles: string[]
  /** There may be more to delete. */
  more: boolean
}

/** Deletes ended executions, the oldest first and some at a time, with their records and artifacts' rows. */
export function createPruning(db: DatabaseSync): (retention: Retention) => Pruned {
  const count = prepareStatement<{count: number}>(db, 'SELECT count(*) AS count FROM executions')
  const oldest = `SELECT id FROM executions WHERE ${ENDED} AND id < ? ORDER BY id LIMIT ?`
  const select = prepareStatement<{id: string}>(db, oldest)
  const selectFiles = prepareStatement<{execution: string}>(
    db,
    `SELECT DISTINCT execution FROM artifacts WHERE execution IN (SELECT id FROM executions WHERE ${ENDED} AND id <= ?)`,
  )
  const remove = prepareStatement(db, `DELETE FROM executions WHERE ${ENDED} AND id <= ?`)

  return ({keep, before}) => {
    const surplus = Math.max(0, (count.get()?.count ?? 0) - keep)
    const old = before === undefined ? [] : select.all(startOfId(before), AT_ONCE)
    const wanted = Math.min(Math.max(surplus, old.length), AT_ONCE)
    if (wanted === 0) return {deleted: 0, withFiles: [], more: false}
    const last = old.length === wanted ? old.at(-1) : select.all(LAST_ID, wanted).at(-1)
    if (!last) return {deleted: 0, withFiles: [], more: false}
    const withFiles = selectFiles.all(last.id).map(row => row.execution)
    const {changes} = remove.run(last.id)
    return {deleted: changes, withFiles, more: changes === AT_ONCE}
  }
}

/** After any id. */
const LAST_ID = '\u{10ffff}'
