import type {DatabaseSync} from 'node:sqlite'
import type {Permissions} from '../../runtime/protocol.ts'
import {prepareStatement} from './statement.ts'

export interface PluginRow {
  id: string
  /** null while every version is only staged. */
  activeVersion: string | null
  enabled: boolean
  /** Permissions that an administrator has agreed to; null before that was asked. */
  consent: Permissions | null
}

/** Installed plugins. Removing one removes its versions; its registrations must be gone before. */
export interface PluginTable {
  list(): PluginRow[]
  find(id: string): PluginRow | undefined
  save(row: PluginRow): void
  setActive(id: string, version: string | null, consent: Permissions | null): void
  setEnabled(id: string, enabled: boolean): void
  remove(id: string): void
}

interface Raw {
  id: string
  active_version: string | null
  enabled: number
  consent: string | null
}

export function createPluginTable(db: DatabaseSync): PluginTable {
  const selectAll = prepareStatement<Raw>(db, 'SELECT * FROM plugins ORDER BY id')
  const select = prepareStatement<Raw>(db, 'SELECT * FROM plugins WHERE id = ?')
  const upsert = prepareStatement(
    db,
    `INSERT INTO plugins (id, active_version, enabled, consent) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET
     active_version = excluded.active_version, enabled = excluded.enabled, consent = excluded.consent`,
  )
  const updateActive = prepareStatement(db, 'UPDATE plugins SET active_version = ?, consent = ? WHERE id = ?')
  const updateEnabled = prepareStatement(db, 'UPDATE plugins SET enabled = ? WHERE id = ?')
  const remove = prepareStatement(db, 'DELETE FROM plugins WHERE id = ?')

  return {
    list: () => selectAll.all().map(parseRow),
    find(id) {
      const row = select.get(id)
      return row && parseRow(row)
    },
    save: row => void upsert.run(row.id, row.activeVersion, Number(row.enabled), toText(row.consent)),
    setActive: (id, version, consent) => void updateActive.run(version, toText(consent), id),
    setEnabled: (id, enabled) => void updateEnabled.run(Number(enabled), id),
    remove: id => void remove.run(id),
  }
}

function parseRow(row: Raw): PluginRow {
  const consent = row.consent === null ? null : (JSON.parse(row.consent) as Permissions)
  return {id: row.id, activeVersion: row.active_version, enabled: row.enabled === 1, consent}
}

function toText(consent: Permissions | null): string | null {
  return consent && JSON.stringify(consent)
}
