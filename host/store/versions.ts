import type {DatabaseSync} from 'node:sqlite'
import type {Manifest} from '../manifest.ts'
import {prepareStatement} from './statement.ts'
import type {StoredPaths} from './stored-path.ts'

export interface VersionRow {
  plugin: string
  version: string
  /** SHA-256 of the bundle, hex. */
  digest: string
  /** Where it is unpacked; absolute. */
  folder: string
  manifest: Manifest
  /** Milliseconds since 1970. */
  installedAt: number
}

export interface VersionTable {
  /** The newest installed first. */
  list(plugin: string): VersionRow[]
  find(plugin: string, version: string): VersionRow | undefined
  /** The plugin's row must be there before. A version that is there already is replaced. */
  save(row: VersionRow): void
  remove(plugin: string, version: string): void
}

interface Raw {
  plugin: string
  version: string
  digest: string
  folder: string
  manifest: string
  installed_at: number
}

export function createVersionTable(db: DatabaseSync, paths: StoredPaths): VersionTable {
  const parseRow = ({installed_at, manifest, folder, ...row}: Raw): VersionRow => ({
    ...row,
    folder: paths.open(folder),
    manifest: JSON.parse(manifest) as Manifest,
    installedAt: installed_at,
  })
  const selectAll = prepareStatement<Raw>(
    db,
    'SELECT * FROM versions WHERE plugin = ? ORDER BY installed_at DESC, version DESC',
  )
  const select = prepareStatement<Raw>(db, 'SELECT * FROM versions WHERE plugin = ? AND version = ?')
  const upsert = prepareStatement(
    db,
    'INSERT OR REPLACE INTO versions (plugin, version, digest, folder, manifest, installed_at) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const remove = prepareStatement(db, 'DELETE FROM versions WHERE plugin = ? AND version = ?')

  return {
    list: plugin => selectAll.all(plugin).map(parseRow),
    find(plugin, version) {
      const row = select.get(plugin, version)
      return row && parseRow(row)
    },
    save({plugin, version, digest, folder, manifest, installedAt}) {
      upsert.run(plugin, version, digest, paths.store(folder), JSON.stringify(manifest), installedAt)
    },
    remove: (plugin, version) => void remove.run(plugin, version),
  }
}
