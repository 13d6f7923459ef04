import type {DatabaseSync} from 'node:sqlite'
import type {RegistrationSettings} from '../types.ts'
import {prepareStatement} from './statement.ts'

export interface RegistrationRow {
  id: string
  plugin: string
  name: string
  enabled: boolean
  draft: boolean
  notes: string
  /** `config.version` of the manifest that the configuration was last brought to. */
  configVersion: number
  settings: RegistrationSettings
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
  draft: number
  notes: string
  config_version: number
  settings: string
  sealed_config: string
  created_at: number
  updated_at: number
}

export function createRegistrationTable(db: DatabaseSync): RegistrationTable {
  const selectAll = prepareStatement<Raw>(db, 'SELECT * FROM registrations ORDER BY id')
  const upsert = prepareStatement(
    db,
    `INSERT INTO registrations
     (id, plugin, name, enabled, draft, notes, config_version, settings, sealed_config, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET name = excluded.name, enabled = excluded.enabled,
     draft = excluded.draft, notes = excluded.notes, config_version = excluded.config_version,
     settings = excluded.settings, sealed_config = excluded.sealed_config, updated_at = excluded.updated_at`,
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
        Number(row.draft),
        row.notes,
        row.configVersion,
        JSON.stringify(row.settings),
        row.sealedConfig,
        row.createdAt,
        row.updatedAt,
      ),
    remove: id => void remove.run(id),
  }
}

function parseRow({config_version, sealed_config, created_at, updated_at, ...row}: Raw): RegistrationRow {
  return {
    ...row,
    enabled: row.enabled === 1,
    draft: row.draft === 1,
    configVersion: config_version,
    settings: JSON.parse(row.settings) as RegistrationSettings,
    sealedConfig: sealed_config,
    createdAt: created_at,
    updatedAt: updated_at,
  }
}
