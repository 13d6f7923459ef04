import {clean} from './print.ts'

const LONGEST_CELL = 80

/** Rows under a heading, columns as wide as they need; an empty table is the sentence `empty`. */
export function renderTable(heading: readonly string[], rows: readonly (readonly unknown[])[], empty: string): string {
  if (rows.length === 0) return empty
  const table = [heading, ...rows.map(row => row.map(renderCell))]
  const widths = heading.map((_, column) => Math.max(...table.map(row => row[column]?.length ?? 0)))
  return table
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** `name  value` lines; what is undefined, null or '' is left out. */
export function renderFacts(facts: {[name: string]: unknown}): string {
  const rows = Object.entries(facts).filter(([, value]) => value !== undefined && value !== null && value !== '')
  const width = Math.max(0, ...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${clean(String(value))}`).join('\n')
}

export function renderTime(ms: number | null | undefined): string {
  return typeof ms === 'number' ? new Date(ms).toISOString() : ''
}

export function renderBytes(bytes: number): string {
  return bytes < 1024 ** 2 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`
}

function renderCell(value: unknown): string {
  const text = clean(String(value ?? '')).replaceAll(/\s+/g, ' ')
  return text.length > LONGEST_CELL ? `${text.slice(0, LONGEST_CELL - 1)}…` : text
}
