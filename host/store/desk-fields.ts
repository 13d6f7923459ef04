import type {DatabaseSync} from 'node:sqlite'
import type {FieldType, Module} from '../record-types.ts'
import {parseRowId} from './desk-search.ts'
import {prepareStatement} from './statement.ts'

/** A custom field of the desk; values are kept under its label. */
export interface DeskField {
  id: string
  module: Module
  label: string
  type: FieldType
  required: boolean
  systemManaged: boolean
  choices?: string[]
}

export interface DeskFieldTable {
  insert(field: Omit<DeskField, 'id'>): DeskField
  /** In the order they were made. */
  list(module: Module): DeskField[]
  /** True when there was one. */
  remove(module: Module, id: string): boolean
}

interface Raw {
  id: number
  module: Module
  label: string
  data: string
}

export function createDeskFieldTable(db: DatabaseSync): DeskFieldTable {
  const insert = prepareStatement(db, 'INSERT INTO desk_fields (module, label, data) VALUES (?, ?, ?)')
  const select = prepareStatement<Raw>(db, 'SELECT * FROM desk_fields WHERE module = ? ORDER BY id')
  const remove = prepareStatement(db, 'DELETE FROM desk_fields WHERE module = ? AND id = ?')
  return {
    insert(field) {
      const {module, label, ...data} = field
      return {...field, id: String(insert.run(module, label, JSON.stringify(data)).lastId)}
    },
    list: module =>
      select.all(module).map(({id, label, data}) => ({
        ...(JSON.parse(data) as Pick<DeskField, 'type' | 'required' | 'systemManaged' | 'choices'>),
        id: String(id),
        module,
        label,
      })),
    remove: (module, id) => remove.run(module, parseRowId(id)).changes > 0,
  }
}
