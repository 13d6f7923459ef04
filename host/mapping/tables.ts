import type {Json} from '../../runtime/protocol.ts'
import type {ValueTable} from '../mapping-types.ts'
import {showValue, ValueFailure} from './failure.ts'
import type {Apply} from './filter-types.ts'
import {isMissing} from './value-types.ts'

/** Finds what a table has for a value: texts without case and outer spaces. A row from nothing takes missing values. */
export function createLookup({rows, unmatched = 'error'}: ValueTable, key: string): Apply {
  // The first of two rows with one value counts.
  const known = new Map(rows.toReversed().map(({from, to}) => [toKey(from), to]))
  return value => {
    const to = known.get(toKey(value))
    if (to !== undefined) return to
    if (isMissing(value)) return undefined
    if (unmatched === 'pass') return value
    if (typeof unmatched === 'object') return unmatched.default
    throw new ValueFailure(
      'VALUE_UNMATCHED',
      `the table "${key}" has no row for ${showValue(value)}`,
      'Add a row for it, or say what becomes of other values',
    )
  }
}

/** Values that a row before has, too. */
export function findRepeated({rows}: ValueTable): number[] {
  const seen = new Set<string>()
  return rows.flatMap(({from}, index) => (seen.size < seen.add(toKey(from)).size ? [] : [index]))
}

function toKey(value: Json): string {
  if (isMissing(value)) return ''
  return typeof value === 'object' ? JSON.stringify(value) : `=${String(value).trim().toLowerCase()}`
}
