import type {DatabaseSync} from 'node:sqlite'
import type {Attachment} from '../record-types.ts'
import {parseRowId} from './desk-search.ts'
import {prepareStatement} from './statement.ts'

export interface DeskAttachmentTable {
  insert(request: string, file: {name: string; type: string; data: Uint8Array; at: number}): Attachment
  /** The oldest first. */
  list(request: string): Attachment[]
  read(request: string, id: string): {name: string; type: string; data: Uint8Array} | undefined
}

interface Raw extends Omit<Attachment, 'id'> {
  id: number
}

export function createDeskAttachmentTable(db: DatabaseSync): DeskAttachmentTable {
  const insert = prepareStatement(
    db,
    'INSERT INTO desk_attachments (request, name, type, bytes, data, at) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const select = prepareStatement<Raw>(
    db,
    'SELECT id, name, type, bytes, at FROM desk_attachments WHERE request = ? ORDER BY id',
  )
  const selectData = prepareStatement<{name: string; type: string; data: Uint8Array}>(
    db,
    'SELECT name, type, data FROM desk_attachments WHERE request = ? AND id = ?',
  )
  return {
    insert(request, {name, type, data, at}) {
      const bytes = data.byteLength
      const {lastId} = insert.run(parseRowId(request), name, type, bytes, data, at)
      return {id: String(lastId), name, type, bytes, at}
    },
    list: request => select.all(parseRowId(request)).map(row => ({...row, id: String(row.id)})),
    read(request, id) {
      const row = selectData.get(parseRowId(request), parseRowId(id))
      return row && {...row}
    },
  }
}
