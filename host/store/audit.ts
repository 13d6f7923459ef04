import type {DatabaseSync} from 'node:sqlite'
import {prepareStatement} from './statement.ts'

export interface AuditRow {
  seq: number
  /** Milliseconds since 1970. */
  at: number
  who: string
  action: string
  target: string
  /** JSON text, as it went into the hash. */
  details: string
  hash: string
}

export interface AuditFilter {
  who?: string
  action?: string
  target?: string
  /** Only older ones. */
  before?: number
  limit: number
}

/** Append-only: the database itself refuses to change or delete a row. */
export interface AuditTable {
  /** Where the next one goes on; sequence number 0 and an empty hash when there is none. */
  last(): {seq: number; hash: string}
  append(row: AuditRow): void
  /** Newest first. */
  list(filter: AuditFilter): AuditRow[]
  /** Oldest first. */
  listAfter(seq: number, limit: number): AuditRow[]
}

export function createAuditTable(db: DatabaseSync): AuditTable {
  const last = prepareStatement<AuditRow>(db, 'SELECT * FROM audit ORDER BY seq DESC LIMIT 1')
  const insert = prepareStatement(db, 'INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)')
  const select = prepareStatement<AuditRow>(
    db,
    `SELECT * FROM audit WHERE seq < ?1 AND (?2 IS NULL OR who = ?2) AND (?3 IS NULL OR action = ?3)
     AND (?4 IS NULL OR target = ?4) ORDER BY seq DESC LIMIT ?5`,
  )
  const selectAfter = prepareStatement<AuditRow>(db, 'SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?')
  return {
    last: () => last.get() ?? {seq: 0, hash: ''},
    append: ({seq, at, who, action, target, details, hash}) =>
      void insert.run(seq, at, who, action, target, details, hash),
    list: ({before = Number.MAX_SAFE_INTEGER, who = null, action = null, target = null, limit}) =>
      select.all(before, who, action, target, limit),
    listAfter: (seq, limit) => selectAfter.all(seq, limit),
  }
}
