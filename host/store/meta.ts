import type {DatabaseSync} from 'node:sqlite'
import {prepareStatement} from './statement.ts'

/** Single facts about this data folder. */
export interface MetaTable {
  get(key: string): string | undefined
  set(key: string, value: string): void
}

export function createMetaTable(db: DatabaseSync): MetaTable {
  const select = prepareStatement<{value: string}>(db, 'SELECT value FROM meta WHERE key = ?')
  const upsert = prepareStatement(db, 'INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
  return {
    get: key => select.get(key)?.value,
    set: (key, value) => void upsert.run(key, value),
  }
}
