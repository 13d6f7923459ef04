import type {DatabaseSync} from 'node:sqlite'
import {prepareStatement} from './statement.ts'

export interface MappingRecord {
  registration: string
  name: string
  revision: number
  /** The definition, JSON; null when this revision removed it. */
  data: string | null
  savedAt: number
  savedBy: string
}

/** Mappings with their history. All writes join the transaction they are called in. */
export interface MappingTable {
  /** Those in force, by name. */
  list(registration: string): MappingRecord[]
  /** The newest revision, also one that removed it. */
  find(registration: string, name: string): MappingRecord | undefined
  findRevision(registration: string, name: string, revision: number): MappingRecord | undefined
  /** Adds a revision; the oldest beyond those that are kept go. */
  add(record: MappingRecord): void
  /** All of a registration, with their history. */
  removeAll(registration: string): void
}

const KEPT_REVISIONS = 50
const MOST_KNOWN = 1000

interface Raw {
  registration: string
  name: string
  revision: number
  data: string | null
  saved_at: number
  saved_by: string
}

export function createMappingTable(db: DatabaseSync): MappingTable {
  const selectAll = prepareStatement<Raw>(
    db,
    `SELECT * FROM mappings AS newest WHERE registration = ? AND data IS NOT NULL AND revision =
     (SELECT MAX(revision) FROM mappings WHERE registration = newest.registration AND name = newest.name) ORDER BY name`,
  )
  const select = prepareStatement<Raw>(
    db,
    'SELECT * FROM mappings WHERE registration = ? AND name = ? ORDER BY revision DESC LIMIT 1',
  )
  const selectOne = prepareStatement<Raw>(
    db,
    'SELECT * FROM mappings WHERE registration = ? AND name = ? AND revision = ?',
  )
  const insert = prepareStatement(
    db,
    'INSERT INTO mappings (registration, name, revision, data, saved_at, saved_by) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const prune = prepareStatement(db, 'DELETE FROM mappings WHERE registration = ? AND name = ? AND revision <= ?')
  const removeAll = prepareStatement(db, 'DELETE FROM mappings WHERE registration = ?')

  /** The newest revisions: each mapped execution asks for one. Nothing is remembered of a transaction that may yet be undone. */
  const newest = new Map<string, MappingRecord>()
  const show = (row: Raw | undefined): MappingRecord | undefined => row && parseRow(row)
  return {
    list: registration => selectAll.all(registration).map(parseRow),
    find(registration, name) {
      const key = JSON.stringify([registration, name])
      const known = newest.get(key)
      if (known) return known
      const found = show(select.get(registration, name))
      if (found && !db.isTransaction && newest.size < MOST_KNOWN) newest.set(key, found)
      return found
    },
    findRevision: (registration, name, revision) => show(selectOne.get(registration, name, revision)),
    add({registration, name, revision, data, savedAt, savedBy}) {
      newest.clear()
      insert.run(registration, name, revision, data, savedAt, savedBy)
      prune.run(registration, name, revision - KEPT_REVISIONS)
    },
    removeAll(registration) {
      newest.clear()
      removeAll.run(registration)
    },
  }
}

function parseRow({registration, name, revision, data, saved_at, saved_by}: Raw): MappingRecord {
  return {registration, name, revision, data, savedAt: saved_at, savedBy: saved_by}
}
