import type {DatabaseSync} from 'node:sqlite'
import type {GroupWriter} from './group-writer.ts'
import {prepareStatement} from './statement.ts'
import type {StoredPaths} from './stored-path.ts'

/** A finished file of an execution. */
export interface ArtifactRow {
  execution: string
  name: string
  /** Media type. */
  type: string
  bytes: number
  /** Absolute. */
  path: string
}

export interface ArtifactTable {
  commit(row: ArtifactRow): Promise<void>
  clear(execution: string): Promise<void>
  find(execution: string, name: string): ArtifactRow | undefined
  /** Executions that have files. */
  listExecutions(): string[]
}

export function createArtifactTable(db: DatabaseSync, writer: GroupWriter, paths: StoredPaths): ArtifactTable {
  const insert = prepareStatement(
    db,
    'INSERT INTO artifacts (execution, name, type, bytes, path) VALUES (?, ?, ?, ?, ?)',
  )
  const select = prepareStatement<ArtifactRow>(db, 'SELECT * FROM artifacts WHERE execution = ? AND name = ?')
  const selectExecutions = prepareStatement<{execution: string}>(db, 'SELECT DISTINCT execution FROM artifacts')
  const clear = prepareStatement(db, 'DELETE FROM artifacts WHERE execution = ?')
  return {
    commit: ({execution, name, type, bytes, path}) =>
      writer.commit(() => void insert.run(execution, name, type, bytes, paths.store(path))),
    clear: execution => writer.commit(() => void clear.run(execution)),
    find(execution, name) {
      const row = select.get(execution, name)
      return row && {...row, path: paths.open(row.path)}
    },
    listExecutions: () => selectExecutions.all().map(row => row.execution),
  }
}
