import type {DatabaseSync} from 'node:sqlite'
import {prepareStatement} from './statement.ts'

export interface PreviousConfigRow {
  registration: string
  /** `config.version` of the manifest it has the shape of. */
  version: number
  /** Encrypted; this table never sees it in the clear. */
  sealedConfig: string
}

/** Configurations as they were before they were migrated. They go with their registration. */
export interface PreviousConfigTable {
  /** The newest that is not newer than the version. */
  find(registration: string, version: number): PreviousConfigRow | undefined
  save(row: PreviousConfigRow): void
  /** Those of this version and newer. */
  removeFrom(registration: string, version: number): void
}

interface Raw {
  registration: string
  version: number
  sealed_config: string
}

export function createPreviousConfigTable(db: DatabaseSync): PreviousConfigTable {
  const select = prepareStatement<Raw>(
    db,
    'SELECT * FROM previous_configs WHERE registration = ? AND version <= ? ORDER BY version DESC LIMIT 1',
  )
  const upsert = prepareStatement(db, 'INSERT OR REPLACE INTO previous_configs VALUES (?, ?, ?)')
  const remove = prepareStatement(db, 'DELETE FROM previous_configs WHERE registration = ? AND version >= ?')
  return {
    find(registration, version) {
      const row = select.get(registration, version)
      return row && {registration: row.registration, version: row.version, sealedConfig: row.sealed_config}
    },
    save: ({registration, version, sealedConfig}) => void upsert.run(registration, version, sealedConfig),
    removeFrom: (registration, version) => void remove.run(registration, version),
  }
}
