import type {DatabaseSync} from 'node:sqlite'
import type {JsonObject, SearchParams} from '../../runtime/protocol.ts'
import {parseRowId, type SearchedTable, searchTable} from './desk-search.ts'
import {prepareStatement} from './statement.ts'

export interface DeskAsset {
  id: string
  name: string
  type: string
  /** Who knows it by `nativeKey`. */
  source: string | null
  nativeKey: string | null
  attributes: JsonObject
  /** Milliseconds since 1970. */
  createdAt: number
  updatedAt: number
}

export interface DeskAssetTable {
  insert(asset: Omit<DeskAsset, 'id'>): DeskAsset
  find(id: string): DeskAsset | undefined
  findByNativeKey(source: string, nativeKey: string): DeskAsset | undefined
  update(asset: DeskAsset): void
  search(query: SearchParams): {items: DeskAsset[]; total: number}
}

interface Raw {
  id: number
  name: string
  type: string
  source: string | null
  native_key: string | null
  attributes: string
  created_at: number
  updated_at: number
}

const TABLE: SearchedTable = {
  name: 'desk_assets',
  columns: {
    id: 'id',
    name: 'name',
    type: 'type',
    source: 'source',
    nativeKey: 'native_key',
    createdAt: 'created_at',
    updatedAt: 'updated_at',
  },
  texts: ['name', 'type', 'source', 'native_key'],
  json: 'attributes',
}

export function createDeskAssetTable(db: DatabaseSync): DeskAssetTable {
  const insert = prepareStatement(
    db,
    `INSERT INTO desk_assets (name, type, source, native_key, attributes, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  const select = prepareStatement<Raw>(db, 'SELECT * FROM desk_assets WHERE id = ?')
  const selectByKey = prepareStatement<Raw>(db, 'SELECT * FROM desk_assets WHERE source = ? AND native_key = ?')
  const update = prepareStatement(
    db,
    'UPDATE desk_assets SET name = ?, type = ?, attributes = ?, updated_at = ? WHERE id = ?',
  )

  return {
    insert(asset) {
      const {name, type, source, nativeKey, attributes, createdAt, updatedAt} = asset
      const {lastId} = insert.run(name, type, source, nativeKey, JSON.stringify(attributes), createdAt, updatedAt)
      return {...asset, id: String(lastId)}
    },
    find(id) {
      const row = select.get(parseRowId(id))
      return row && parseRow(row)
    },
    findByNativeKey(source, nativeKey) {
      const row = selectByKey.get(source, nativeKey)
      return row && parseRow(row)
    },
    update: ({id, name, type, attributes, updatedAt}) =>
      void update.run(name, type, JSON.stringify(attributes), updatedAt, parseRowId(id)),
    search(query) {
      const {rows, total} = searchTable<Raw>(db, TABLE, query)
      return {items: rows.map(parseRow), total}
    },
  }
}

function parseRow({id, native_key, attributes, created_at, updated_at, ...row}: Raw): DeskAsset {
  return {
    id: String(id),
    ...row,
    nativeKey: native_key,
    attributes: JSON.parse(attributes) as JsonObject,
    createdAt: created_at,
    updatedAt: updated_at,
  }
}
