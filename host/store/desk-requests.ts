import type {DatabaseSync} from 'node:sqlite'
import type {JsonObject, SearchParams} from '../../runtime/protocol.ts'
import {parseRowId, type SearchedTable, searchTable} from './desk-search.ts'
import {prepareStatement} from './statement.ts'

export interface DeskRequest {
  id: string
  subject: string
  description: string
  status: string
  priority: string
  requester: string
  /** Fields of one's own. */
  fields: JsonObject
  /** Milliseconds since 1970. */
  createdAt: number
  updatedAt: number
}

export interface DeskNote {
  author: string
  text: string
  /** Seen by the requester too. */
  public: boolean
  at: number
}

export interface DeskRequestTable {
  insert(request: Omit<DeskRequest, 'id'>): DeskRequest
  find(id: string): DeskRequest | undefined
  update(request: DeskRequest): void
  search(query: SearchParams): {items: DeskRequest[]; total: number}
  addNote(request: string, note: DeskNote): void
  /** The oldest first. */
  listNotes(request: string): DeskNote[]
}

interface Raw extends Omit<DeskRequest, 'id' | 'fields' | 'createdAt' | 'updatedAt'> {
  id: number
  fields: string
  created_at: number
  updated_at: number
}

const TABLE: SearchedTable = {
  name: 'desk_requests',
  columns: {id: 'id', subject: 'subject', status: 'status', priority: 'priority', requester: 'requester'},
  texts: ['subject', 'description', 'requester'],
  json: 'fields',
}

export function createDeskRequestTable(db: DatabaseSync): DeskRequestTable {
  const insert = prepareStatement(
    db,
    `INSERT INTO desk_requests (subject, description, status, priority, requester, fields, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const select = prepareStatement<Raw>(db, 'SELECT * FROM desk_requests WHERE id = ?')
  const update = prepareStatement(
    db,
    `UPDATE desk_requests SET subject = ?, description = ?, status = ?, priority = ?, requester = ?, fields = ?,
     updated_at = ? WHERE id = ?`,
  )
  const insertNote = prepareStatement(
    db,
    'INSERT INTO desk_notes (request, author, text, public, at) VALUES (?, ?, ?, ?, ?)',
  )
  const selectNotes = prepareStatement<Omit<DeskNote, 'public'> & {public: number}>(
    db,
    'SELECT author, text, public, at FROM desk_notes WHERE request = ? ORDER BY id',
  )
  const values = (request: Omit<DeskRequest, 'id'>): string[] => {
    const {subject, description, status, priority, requester, fields} = request
    return [subject, description, status, priority, requester, JSON.stringify(fields)]
  }

  return {
    insert(request) {
      const {lastId} = insert.run(...values(request), request.createdAt, request.updatedAt)
      return {...request, id: String(lastId)}
    },
    find(id) {
      const row = select.get(parseRowId(id))
      return row && parseRow(row)
    },
    update: request => void update.run(...values(request), request.updatedAt, parseRowId(request.id)),
    search(query) {
      const {rows, total} = searchTable<Raw>(db, TABLE, query)
      return {items: rows.map(parseRow), total}
    },
    addNote: (request, {author, text, public: isPublic, at}) =>
      void insertNote.run(parseRowId(request), author, text, Number(isPublic), at),
    listNotes: request => selectNotes.all(parseRowId(request)).map(row => ({...row, public: row.public === 1})),
  }
}

function parseRow({id, fields, created_at, updated_at, ...row}: Raw): DeskRequest {
  return {
    ...row,
    id: String(id),
    fields: JSON.parse(fields) as JsonObject,
    createdAt: created_at,
    updatedAt: updated_at,
  }
}
