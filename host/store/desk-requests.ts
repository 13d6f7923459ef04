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
  /** Email address, where it is known. */
  requester: string
  category: string
  impact: string
  urgency: string
  /** Email address. */
  assignee: string
  group: string
  location: string
  /** Values of custom fields by label. */
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

interface Raw extends Omit<DeskRequest, 'id' | 'group' | 'fields' | 'createdAt' | 'updatedAt'> {
  id: number
  assigned_group: string
  fields: string
  created_at: number
  updated_at: number
}

const ofRequester = (column: string): string =>
  `(SELECT ${column} FROM desk_users WHERE email = desk_requests.requester)`

const TABLE: SearchedTable = {
  name: 'desk_requests',
  columns: {
    id: 'id',
    subject: 'subject',
    description: 'description',
    status: 'status',
    priority: 'priority',
    requester: 'requester',
    category: 'category',
    impact: 'impact',
    urgency: 'urgency',
    assignee: 'assignee',
    group: 'assigned_group',
    location: 'location',
    createdAt: 'created_at',
    updatedAt: 'updated_at',
    'requester.email': 'requester',
    'requester.name': ofRequester('name'),
    'requester.phone': ofRequester('phone'),
    'requester.department': ofRequester('department'),
    'requester.location': ofRequester('location'),
  },
  texts: ['subject', 'description', 'requester', 'category', 'assignee', 'assigned_group', 'location'],
  json: 'fields',
}

const COLUMNS = [
  'subject',
  'description',
  'status',
  'priority',
  'requester',
  'category',
  'impact',
  'urgency',
  'assignee',
  'assigned_group',
  'location',
  'fields',
]

export function createDeskRequestTable(db: DatabaseSync): DeskRequestTable {
  const insert = prepareStatement(
    db,
    `INSERT INTO desk_requests (${COLUMNS.join(', ')}, created_at, updated_at)
     VALUES (${COLUMNS.map(() => '?').join(', ')}, ?, ?)`,
  )
  const select = prepareStatement<Raw>(db, 'SELECT * FROM desk_requests WHERE id = ?')
  const update = prepareStatement(
    db,
    `UPDATE desk_requests SET ${COLUMNS.map(name => `${name} = ?`).join(', ')}, updated_at = ? WHERE id = ?`,
  )
  const insertNote = prepareStatement(
    db,
    'INSERT INTO desk_notes (request, author, text, public, at) VALUES (?, ?, ?, ?, ?)',
  )
  const selectNotes = prepareStatement<Omit<DeskNote, 'public'> & {public: number}>(
    db,
    'SELECT author, text, public, at FROM desk_notes WHERE request = ? ORDER BY id',
  )

  return {
    insert(request) {
      const {lastId} = insert.run(...listValues(request), request.createdAt, request.updatedAt)
      return {...request, id: String(lastId)}
    },
    find(id) {
      const row = select.get(parseRowId(id))
      return row && parseRow(row)
    },
    update: request => void update.run(...listValues(request), request.updatedAt, parseRowId(request.id)),
    search(query) {
      const {rows, total} = searchTable<Raw>(db, TABLE, query)
      return {items: rows.map(parseRow), total}
    },
    addNote: (request, {author, text, public: isPublic, at}) =>
      void insertNote.run(parseRowId(request), author, text, Number(isPublic), at),
    listNotes: request => selectNotes.all(parseRowId(request)).map(row => ({...row, public: row.public === 1})),
  }
}

/** In the order of COLUMNS. */
function listValues(request: Omit<DeskRequest, 'id'>): string[] {
  const {subject, description, status, priority, requester, category, impact, urgency} = request
  const {assignee, group, location, fields} = request
  const texts = [subject, description, status, priority, requester, category, impact, urgency]
  return [...texts, assignee, group, location, JSON.stringify(fields)]
}

function parseRow({id, assigned_group, fields, created_at, updated_at, ...row}: Raw): DeskRequest {
  return {
    id: String(id),
    ...row,
    group: assigned_group,
    fields: JSON.parse(fields) as JsonObject,
    createdAt: created_at,
    updatedAt: updated_at,
  }
}
