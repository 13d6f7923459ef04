import type {DatabaseSync} from 'node:sqlite'
import type {Json} from '../../runtime/protocol.ts'
import type {GroupWriter} from './group-writer.ts'
import {prepareStatement} from './statement.ts'

/** Small values the host keeps for a plugin. Writes resolve when they are on the disk. */
export interface KvTable {
  /** null when there is none. */
  get(plugin: string, key: string): Json
  has(plugin: string, key: string): boolean
  count(plugin: string): number
  set(plugin: string, key: string, value: Json): Promise<void>
  /** The value's text as it is kept: JSON, or sealed JSON. */
  readText(plugin: string, key: string): string | undefined
  writeText(plugin: string, key: string, text: string): Promise<void>
  delete(plugin: string, key: string): Promise<void>
  /** All of a plugin that is being removed. */
  clear(plugin: string): void
}

export function createKvTable(db: DatabaseSync, writer: GroupWriter): KvTable {
  const select = prepareStatement<{value: string}>(db, 'SELECT value FROM kv WHERE plugin = ? AND key = ?')
  const count = prepareStatement<{count: number}>(db, 'SELECT count(*) AS count FROM kv WHERE plugin = ?')
  const upsert = prepareStatement(
    db,
    'INSERT INTO kv (plugin, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  )
  const remove = prepareStatement(db, 'DELETE FROM kv WHERE plugin = ? AND key = ?')
  const clear = prepareStatement(db, 'DELETE FROM kv WHERE plugin = ?')
  const writeText = (plugin: string, key: string, text: string): Promise<void> =>
    writer.commit(() => void upsert.run(plugin, key, text))
  return {
    get(plugin, key) {
      const row = select.get(plugin, key)
      return row ? (JSON.parse(row.value) as Json) : null
    },
    has: (plugin, key) => select.get(plugin, key) !== undefined,
    count: plugin => count.get(plugin)?.count ?? 0,
    set: (plugin, key, value) => writeText(plugin, key, JSON.stringify(value)),
    readText: (plugin, key) => select.get(plugin, key)?.value,
    writeText,
    delete: (plugin, key) => writer.commit(() => void remove.run(plugin, key)),
    clear: plugin => void clear.run(plugin),
  }
}
