import type {DatabaseSync} from 'node:sqlite'
import {prepareStatement} from './statement.ts'

interface SealedColumn {
  table: string
  /** Columns of the primary key. */
  id: readonly string[]
  column: string
  /** Of the object that the column holds as JSON; without it the whole column is the sealed text. */
  key?: string
  /** A sealed text is bound to `<place>|<id>`. */
  place: string
}

/** Every place that holds sealed texts: all of them are wrapped anew when the key is rotated. */
const SEALED_COLUMNS: readonly SealedColumn[] = [
  {table: 'registrations', id: ['id'], column: 'sealed_config', place: 'registration'},
  {table: 'previous_configs', id: ['registration', 'version'], column: 'sealed_config', place: 'previousConfig'},
  {table: 'queue', id: ['execution'], column: 'request', key: 'sealedInput', place: 'queue'},
  {table: 'kv', id: ['plugin', 'key'], column: 'value', place: 'kv'},
]

export interface SealedTexts {
  /** Replaces each by what `change` makes of it; rows that hold none stay as they are. Returns how many. To be called in a transaction. */
  rewrite(change: (place: string, sealed: string) => string): number
}

const START = 'v1.'

export function createSealedTexts(db: DatabaseSync): SealedTexts {
  const columns = SEALED_COLUMNS.map(({table, id, column, key, place}) => {
    const sealed = key === undefined ? column : `json_extract(${column}, '$.${key}')`
    const value = key === undefined ? '?' : `json_set(${column}, '$.${key}', ?)`
    const isRow = id.map(name => `${name} = ?`).join(' AND ')
    const holds = `substr(${sealed}, 1, ${START.length}) = '${START}'`
    return {
      place,
      // Names first, texts one by one: a queue may be long.
      list: prepareStatement<Names>(db, `SELECT ${id.join(', ')} FROM ${table} WHERE ${holds}`),
      select: prepareStatement<{sealed: string}>(db, `SELECT ${sealed} AS sealed FROM ${table} WHERE ${isRow}`),
      update: prepareStatement(db, `UPDATE ${table} SET ${column} = ${value} WHERE ${isRow}`),
    }
  })

  return {
    rewrite(change) {
      let count = 0
      for (const {place, list, select, update} of columns) {
        for (const names of list.all()) {
          const id = Object.values(names)
          const row = select.get(...id)
          if (!row) continue
          update.run(change([place, ...id].join('|'), row.sealed), ...id)
          count++
        }
      }
      return count
    },
  }
}

type Names = {[column: string]: string}
