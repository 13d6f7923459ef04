import type {DatabaseSync} from 'node:sqlite'
import type {StoredEvent} from '../workflow-types.ts'
import {prepareStatement} from './statement.ts'

export interface EventRow extends Omit<StoredEvent, 'runs'> {
  /** The rules have accepted what it starts. */
  processed: boolean
}

/** What the main server told. All writes join the transaction they are called in. */
export interface EventTable {
  insert(event: EventRow): void
  find(id: string): EventRow | undefined
  markProcessed(id: string): void
  /** Ids, the oldest first. */
  listWaiting(): string[]
  /** The newest first. */
  list(filter: {type?: string | null; before?: string | null; limit: number}): EventRow[]
  /** Deletes processed ones that came before this time. */
  prune(before: number): void
}

interface Raw {
  id: string
  type: string
  at: number
  processed: number
  data: string
}

export function createEventTable(db: DatabaseSync): EventTable {
  const insert = prepareStatement(db, 'INSERT INTO events (id, type, at, processed, data) VALUES (?, ?, ?, ?, ?)')
  const select = prepareStatement<Raw>(db, 'SELECT * FROM events WHERE id = ?')
  const mark = prepareStatement(db, 'UPDATE events SET processed = 1 WHERE id = ?')
  const selectWaiting = prepareStatement<{id: string}>(db, 'SELECT id FROM events WHERE processed = 0 ORDER BY seq')
  const selectPage = prepareStatement<Raw>(
    db,
    `SELECT * FROM events WHERE (?1 IS NULL OR type = ?1)
     AND (?2 IS NULL OR seq < (SELECT seq FROM events WHERE id = ?2)) ORDER BY seq DESC LIMIT ?3`,
  )
  const prune = prepareStatement(db, 'DELETE FROM events WHERE at < ? AND processed = 1')

  return {
    insert({id, type, at, processed, ...data}) {
      insert.run(id, type, at, Number(processed), JSON.stringify(data))
    },
    find(id) {
      const row = select.get(id)
      return row && parseRow(row)
    },
    markProcessed: id => void mark.run(id),
    listWaiting: () => selectWaiting.all().map(({id}) => id),
    list: ({type = null, before = null, limit}) => selectPage.all(type, before, limit).map(parseRow),
    prune: before => void prune.run(before),
  }
}

function parseRow({id, type, at, processed, data}: Raw): EventRow {
  return {id, type, at, processed: processed === 1, ...(JSON.parse(data) as Omit<EventRow, keyof Raw>)}
}
