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

/** Letters to add, drop or change to get from one text to the other. */
function countEdits(from: string, to: string): number {
  let row = Array.from({length: to.length + 1}, (_, index) => index)
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1]
    for (let at = 0; at < to.length; at++) {
      const same = (row[at] ?? 0) + (to[at] === letter ? 0 : 1)
      next.push(Math.min(same, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
