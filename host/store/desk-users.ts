import type {DatabaseSync} from 'node:sqlite'
import type {JsonObject, SearchParams} from '../../runtime/protocol.ts'
import {parseRowId, type SearchedTable, searchTable} from './desk-search.ts'
import {prepareStatement} from './statement.ts'

export interface DeskUser {
  id: string
  name: string
  /** In lower case; unique unless empty. */
  email: string
  phone: string
  department: string
  location: string
  active: boolean
  /** Values of custom fields by label. */
  fields: JsonObject
  /** Milliseconds since 1970. */
  createdAt: number
  updatedAt: number
}

export interface DeskUserTable {
  insert(user: Omit<DeskUser, 'id'>): DeskUser
  find(id: string): DeskUser | undefined
  /** In any case of letters. */
  findByEmail(email: string): DeskUser | undefined
  update(user: DeskUser): void
  search(query: SearchParams): {items: DeskUser[]; total: number}
}

interface Raw extends Omit<DeskUser, 'id' | 'active' | 'fields' | 'createdAt' | 'updatedAt'> {
  id: number
  active: number
  fields: string
  created_at: number
  updated_at: number
}

const TABLE: SearchedTable = {
  name: 'desk_users',
  columns: {
    id: 'id',
    name: 'name',
    email: 'email',
    phone: 'phone',
    department: 'department',
    location: 'location',
    active: 'active',
    createdAt: 'created_at',
    updatedAt: 'updated_at',
  },
  texts: ['name', 'email', 'phone', 'department', 'location'],
  json: 'fields',
}

const COLUMNS = ['name', 'email', 'phone', 'department', 'location', 'active', 'fields']

export function createDeskUserTable(db: DatabaseSync): DeskUserTable {
  const insert = prepareStatement(
    db,
    `INSERT INTO desk_users (${COLUMNS.join(', ')}, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const select = prepareStatement<Raw>(db, 'SELECT * FROM desk_users WHERE id = ?')
  const selectByEmail = prepareStatement<Raw>(db, "SELECT * FROM desk_users WHERE email = ? AND email <> ''")
  const update = prepareStatement(
    db,
    `UPDATE desk_users SET ${COLUMNS.map(name => `${name} = ?`).join(', ')}, updated_at = ? WHERE id = ?`,
  )
  const values = ({name, email, phone, department, location, active, fields}: Omit<DeskUser, 'id'>) =>
    [name, email, phone, department, location, Number(active), JSON.stringify(fields)] as const

  return {
    insert(user) {
      const {lastId} = insert.run(...values(user), user.createdAt, user.updatedAt)
      return {...user, id: String(lastId)}
    },
    find(id) {
      const row = select.get(parseRowId(id))
      return row && parseRow(row)
    },
    findByEmail(email) {
      const row = selectByEmail.get(email.toLowerCase())
      return row && parseRow(row)
    },
    update: user => void update.run(...values(user), user.updatedAt, parseRowId(user.id)),
    search(query) {
      const {rows, total} = searchTable<Raw>(db, TABLE, query)
      return {items: rows.map(parseRow), total}
    },
  }
}

function parseRow({id, active, fields, created_at, updated_at, ...row}: Raw): DeskUser {
  return {
    id: String(id),
    ...row,
    active: active === 1,
    fields: JSON.parse(fields) as JsonObject,
    createdAt: created_at,
    updatedAt: updated_at,
  }
}
