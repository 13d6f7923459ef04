import type {DatabaseSync} from 'node:sqlite'
import {prepareStatement} from './statement.ts'

export interface RegistrationRow {
  id: string
  plugin: string
  name: string
  enabled: boolean
  /** The configuration, encrypted; this table never sees it in the clear. */
  sealedConfig: string
  createdAt: number
  updatedAt: number
}

export interface RegistrationTable {
  list(): RegistrationRow[]
  save(row: RegistrationRow): void
  remove(id: string): void
}

interface Raw {
  id: string
  plugin: string
  name: string
  enabled: number
  sealed_config: string
  created_at: number
  updated_at: number
}

export function createRegistrationTable(db: DatabaseSync): RegistrationTable {
  const selectAll = prepareStatement<Raw>(db, 'SELECT * FROM registrations ORDER BY id')
  const upsert = prepareStatement(
    db,
    `INSERT INTO registrations (id, plugin, name, enabled, sealed_config, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET name = excluded.name, enabled = excluded.enabled,
     sealed_config = excluded.sealed_config, updated_at = excluded.updated_at`,
  )
  const remove = prepareStatement(db, 'DELETE FROM registrations WHERE id = ?')

  return {
    list: () => selectAll.all().map(parseRow),
    save: row =>
      void upsert.run(
        row.id,
        row.plugin,
        row.name,
        Number(row.enabled),
        row.sealedConfig,
        row.createdAt,
        row.updatedAt,
      ),
    remove: id => void remove.run(id),
  }
}

function parseRow({id, plugin, name, enabled, sealed_config, created_at, updated_at}: Raw): RegistrationRow {
  return {
    id,
    plugin,
    name,
    enabled: enabled === 1,
    sealedConfig: sealed_config,
    createdAt: created_at,
    updatedAt: updated_at,
  }
}
