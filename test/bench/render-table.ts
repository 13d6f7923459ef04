import type {Result} from './result.ts'

/** The results as a table in Markdown, which reads as well in a terminal. */
export function renderTable(results: readonly Result[]): string {
  const rows = results.map(({id, value, unit, against, ratio, bar, met}) => [
    id,
    `${formatNumber(value)} ${unit}`,
    against ?? '',
    ratio === null ? '' : ratio.toFixed(2),
    bar ?? '',
    met === null ? '' : met ? 'yes' : 'NO',
  ])
  const head = ['result', 'value', 'against', 'ratio', 'bar', 'met']
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map(row => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

function formatNumber(value: number): string {
  return Math.abs(value) >= 1000 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 100 ? 0 : 1)
}
