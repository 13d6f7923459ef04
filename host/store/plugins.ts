import type {DatabaseSync} from 'node:sqlite'
import {prepareStatement} from './statement.ts'

export interface PluginRow {
  id: string
  /** null while every version is only staged. */
  activeVersion: string | null
  enabled: boolean
}

/** Installed plugins. Removing one removes its versions; its registrations must be gone before. */
export interface PluginTable {
  list(): PluginRow[]
  find(id: string): PluginRow | undefined
  save(row: PluginRow): void
  setActive(id: string, version: string | null): void
  setEnabled(id: string, enabled: boolean): void
  remove(id: string): void
}

interface Raw {
  id: string
  active_version: string | null
  enabled: number
}

export function createPluginTable(db: DatabaseSync): PluginTable {
  const selectAll = prepareStatement<Raw>(db, 'SELECT * FROM plugins ORDER BY id')
  const select = prepareStatement<Raw>(db, 'SELECT * FROM plugins WHERE id = ?')
  const upsert = prepareStatement(
    db,
    `INSERT INTO plugins (id, active_version, enabled) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET active_version = excluded.active_version, enabled = excluded.enabled`,
  )
  const updateActive = prepareStatement(db, 'UPDATE plugins SET active_version = ? WHERE id = ?')
  const updateEnabled = prepareStatement(db, 'UPDATE plugins SET enabled = ? WHERE id = ?')
  const remove = prepareStatement(db, 'DELETE FROM plugins WHERE id = ?')

  return {
    list: () => selectAll.all().map(parseRow),
    find(id) {
      const row = select.get(id)
      return row && parseRow(row)
    },
    save: row => void upsert.run(row.id, row.activeVersion, Number(row.enabled)),
    setActive: (id, version) => void updateActive.run(version, id),
    setEnabled: (id, enabled) => void updateEnabled.run(Number(enabled), id),
    remove: id => void remove.run(id),
  }
}

function parseRow(row: Raw): PluginRow {
  return {id: row.id, activeVersion: row.active_version, enabled: row.enabled === 1}
}
