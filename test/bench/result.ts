import {compareRounds, findMedian} from './statistics.ts'

/** One line of the table. `ratio` is value to the value of `against`, by rounds; `met` says whether it keeps to the bar. */
export interface Result {
  id: string
  value: number
  unit: string
  against: string | null
  ratio: number | null
  bar: string | null
  met: boolean | null
}

/** A limit for a ratio, or for the value itself where there is nothing to compare with. */
export type Bar = {atLeast: number} | {atMost: number}

/** Values of one subject, one a round. */
export interface Series {
  name: string
  values: number[]
}

export interface Comparison {
  id: string
  unit: string
  own: Series
  against?: Series
  bar?: Bar
}

/** Median, ratio and verdict. */
export function judge({id, unit, own, against, bar}: Comparison): Result {
  const value = findMedian(own.values)
  const ratio = against ? compareRounds(own.values, against.values) : null
  return {
    id,
    value,
    unit,
    against: against?.name ?? null,
    ratio,
    bar: bar ? formatBar(bar) : null,
    met: bar ? keepsTo(bar, ratio ?? value) : null,
  }
}

/** What was measured to compare with, as it is. */
export function describeReference(id: string, unit: string, {values}: Series): Result {
  return judge({id, unit, own: {name: id, values}})
}

function keepsTo(bar: Bar, found: number): boolean {
  return 'atLeast' in bar ? found >= bar.atLeast : found <= bar.atMost
}

function formatBar(bar: Bar): string {
  return 'atLeast' in bar ? `>= ${bar.atLeast}` : `<= ${bar.atMost}`
}
