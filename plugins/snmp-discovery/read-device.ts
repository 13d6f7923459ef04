import type {SystemGroup} from './contact-device.ts'
import {DeviceFailure} from './failures.ts'
import type {ConfigAttribute, ConfigTable} from './plugin.types.ts'
import type {Profile} from './profiles.ts'
import {normalizeOid} from './requests.ts'
import type {SnmpSession} from './session.ts'
import {convertValue, type Value, type Varbind} from './transforms.ts'

export type Cell = string | number | boolean
export type Row = {[column: string]: Cell}
export type Identifier = NonNullable<ConfigAttribute['identifier']>

/** What a profile finds on one device. */
export interface Reading {
  attributes: {[name: string]: Cell | Cell[] | Row[]}
  identifiers: {[K in Identifier]?: string[]}
  /** What people call the attributes. */
  labels: {[name: string]: string}
  /** Parts that could not be read whole, in words. */
  incomplete: string[]
  /** The fault that ended the reading early. */
  stopped?: DeviceFailure
}

/** Text of all tables of one device, characters: the rest is left out. */
const MAX_TABLE_TEXT = 1_000_000

/** Reads what the profile lists. A device that stops answering on the way keeps what was read, and `incomplete` says so. */
export async function readDevice(session: SnmpSession, profile: Profile, system: SystemGroup): Promise<Reading> {
  const reading: Reading = {attributes: describeSystem(system), identifiers: {}, labels: {}, incomplete: []}
  const tables = new Map<string, Row[]>()
  const budget = {left: MAX_TABLE_TEXT}
  let values = new Map<string, Varbind>()
  try {
    values = await session.get(profile.attributes.flatMap(({oid = []}) => oid))
    for (const table of profile.tables) {
      const rows: Row[] = []
      tables.set(table.name, rows)
      await readTable(session, table, {rows, budget, incomplete: reading.incomplete})
    }
  } catch (error) {
    if (!(error instanceof DeviceFailure)) throw error
    reading.stopped = error
    reading.incomplete.push(error.message)
  }
  for (const attribute of profile.attributes) addAttribute(reading, attribute, {values, tables})
  for (const table of profile.tables) addTable(reading, table, tables.get(table.name) ?? [])
  return reading
}

function addTable({attributes, labels}: Reading, {name, label, hidden, where}: ConfigTable, all: readonly Row[]): void {
  const rows = all.filter(row => fits(row, where))
  if (hidden || rows.length === 0) return
  attributes[name] = rows
  if (label) labels[name] = label
}

function describeSystem({uptimeSeconds: _, ...texts}: SystemGroup): Reading['attributes'] {
  return {...texts}
}

type Progress = {rows: Row[]; budget: {left: number}; incomplete: string[]}

/** Column by column; a row is what the columns hold at one index. */
async function readTable(
  session: SnmpSession,
  table: ConfigTable,
  {rows, budget, incomplete}: Progress,
): Promise<void> {
  const byIndex = new Map<string, Row>()
  let cut = false
  for (const {name, column, transform} of table.columns) {
    const start = `${normalizeOid(table.oid)}.${column}`
    await session.walk(start, varbind => {
      const index = varbind.oid.slice(start.length + 1)
      let row = byIndex.get(index)
      if (budget.left < 0 || (!row && rows.length >= table.maxRows)) {
        cut = true
        return false
      }
      if (!row) {
        row = {[table.index]: index}
        byIndex.set(index, row)
        rows.push(row)
      }
      const value = convertValue(varbind, transform)
      budget.left -= String(value).length + name.length
      if (value !== undefined) row[name] = value
      return true
    })
  }
  if (cut) incomplete.push(`Table "${table.name}" is cut after ${rows.length} rows`)
}

type Sources = {values: ReadonlyMap<string, Varbind>; tables: ReadonlyMap<string, Row[]>}

function addAttribute(reading: Reading, attribute: ConfigAttribute, sources: Sources): void {
  const {name, label, identifier, from} = attribute
  const found = findValues(attribute, sources)
  const [first] = found
  if (first === undefined) return
  reading.attributes[name] = from?.all ? found : first
  if (label) reading.labels[name] = label
  // A stack has a serial number per chassis: each of them tells the asset, though one is shown.
  if (identifier)
    reading.identifiers[identifier] = [...new Set([...(reading.identifiers[identifier] ?? []), ...found.map(String)])]
}

function findValues({oid, from, value, transform}: ConfigAttribute, {values, tables}: Sources): Cell[] {
  if (value !== undefined) return [value]
  if (from) {
    const cells = (tables.get(from.table) ?? []).filter(row => fits(row, from.where)).map(row => row[from.column])
    return [...new Set(cells.filter(cell => cell !== undefined))].flatMap(cell =>
      present(
        transform && typeof cell !== 'boolean'
          ? convertValue({oid: '', type: 'OctetString', value: cell}, transform)
          : cell,
      ),
    )
  }
  for (const candidate of [oid ?? []].flat()) {
    const varbind = values.get(normalizeOid(candidate))
    const converted = varbind && convertValue(varbind, transform)
    if (converted !== undefined) return [converted]
  }
  return []
}

function fits(row: Row, where: ConfigTable['where'] = {}): boolean {
  return Object.entries(where).every(([column, wanted]) => String(row[column]) === String(wanted))
}

function present(value: Value | boolean): Cell[] {
  return value === undefined ? [] : [value]
}
