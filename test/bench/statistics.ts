/** The middle one; of an even number the mean of both. */
export function findMedian(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = sorted.length >> 1
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]]
  return (low + high) / 2
}

/** Median of the ratios round by round: what slows a whole round down drops out. */
export function compareRounds(values: readonly number[], others: readonly number[]): number {
  return findMedian(values.map((value, round) => value / (others[round] ?? Number.NaN)))
}
