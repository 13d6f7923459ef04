import type {DatabaseSync, SQLInputValue} from 'node:sqlite'
import type {Json, SearchParams} from '../../runtime/protocol.ts'
import {prepareStatement} from './statement.ts'

export const SEARCH_LIMIT = 100

export interface SearchedTable {
  name: string
  /** Names as callers know them, and their columns or expressions. */
  columns: {[field: string]: string}
  /** Columns that hold text to look for words in. */
  texts: string[]
  /** Column of a JSON object: the fields that are no column. */
  json: string
}

/** Exact values by field (own ones too), and words in any text; the newest first. All values are bound, never spliced in. */
export function searchTable<Row>(
  db: DatabaseSync,
  table: SearchedTable,
  {where = {}, text = '', limit = SEARCH_LIMIT, offset = 0}: SearchParams,
): {rows: Row[]; total: number} {
  const conditions = ['TRUE']
  const values: SQLInputValue[] = []
  for (const [field, wanted] of Object.entries(where)) {
    const column = Object.hasOwn(table.columns, field) ? table.columns[field] : undefined
    if (column) conditions.push(`${column} IS ?`)
    else conditions.push(`EXISTS (SELECT 1 FROM json_each(${table.json}) WHERE key = ? AND value IS ?)`)
    values.push(...(column ? [] : [field]), column === 'id' ? parseRowId(String(wanted)) : toSql(wanted))
  }
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const columns = table.texts.map(name => `${name} LIKE ? ESCAPE '\\'`)
    const own = `EXISTS (SELECT 1 FROM json_each(${table.json}) WHERE value LIKE ? ESCAPE '\\')`
    conditions.push(`(${[...columns, own].join(' OR ')})`)
    const pattern = `%${word.replaceAll(/[\\%_]/g, '\\$&')}%`
    values.push(...Array.from({length: table.texts.length + 1}, () => pattern))
  }
  const from = `FROM ${table.name} WHERE ${conditions.join(' AND ')}`
  const total = prepareStatement<{total: number}>(db, `SELECT count(*) AS total ${from}`).get(...values)?.total ?? 0
  const page = prepareStatement<Row>(db, `SELECT * ${from} ORDER BY id DESC LIMIT ? OFFSET ?`)
  return {rows: page.all(...values, limit, offset), total}
}

function toSql(value: Json): SQLInputValue {
  if (typeof value === 'boolean') return Number(value)
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
}

/** Row number of an id as callers write it; 0, which no row has, for anything else. */
export function parseRowId(id: string): number {
  return /^[1-9][0-9]{0,14}$/.test(id) ? Number(id) : 0
}
