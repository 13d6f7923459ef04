const LONGEST = 60

/** The known name that a mistyped one was probably meant to be; undefined when none is near. */
export function suggestName(name: string, known: Iterable<string>): string | undefined {
  const wanted = name.trim().toLowerCase().slice(0, LONGEST)
  const limit = Math.max(1, Math.floor(wanted.length / 3))
  let best: {name: string; distance: number} | undefined
  for (const candidate of known) {
    const distance = countEdits(wanted, candidate.toLowerCase().slice(0, LONGEST))
    if (distance <= limit && (best === undefined || distance < best.distance)) best = {name: candidate, distance}
  }
  return best?.name
}

/** Letters to add, drop, change or swap with the next to get from one text to the other. */
function countEdits(from: string, to: string): number {
  let before: number[] = []
  let row = Array.from({length: to.length + 1}, (_, index) => index)
  for (let at = 1; at <= from.length; at++) {
    const next = [at]
    for (let other = 1; other <= to.length; other++) {
      const isSame = from[at - 1] === to[other - 1]
      const isSwap = at > 1 && other > 1 && from[at - 1] === to[other - 2] && from[at - 2] === to[other - 1]
      const edits = [(row[other - 1] ?? 0) + Number(!isSame), (row[other] ?? 0) + 1, (next[other - 1] ?? 0) + 1]
      next.push(Math.min(...edits, ...(isSwap ? [(before[other - 2] ?? 0) + 1] : [])))
    }
    before = row
    row = next
  }
  return row.at(-1) ?? 0
}
