/** A piece counts from this part of the secret on, and from this many characters. Of a secret in two pieces, one is always found. */
const PART = 0.4
const SHORTEST = 4

/** Where a secret may go on in the line before or after, or was cut off: pieces of it at the two ends of a line. */
export type FindPieces = (line: string) => [start: number, end: number][]

export function createPieceSearch(patterns: readonly string[]): FindPieces {
  // By their first and last characters, so that a line costs the same however many there are.
  const byStart = new Map<string, string[]>()
  const byEnd = new Map<string, string[]>()
  for (const pattern of patterns) {
    add(byStart, pattern.slice(0, SHORTEST), pattern)
    add(byEnd, pattern.slice(-SHORTEST), pattern)
  }
  const longest = Math.max(0, ...patterns.map(pattern => pattern.length))

  return line => {
    const pieces: [number, number][] = []
    if (line.length <= longest && patterns.some(pattern => isPiece(line, pattern) && pattern.includes(line))) {
      return [[0, line.length]]
    }
    for (let end = Math.min(line.length, longest); end >= SHORTEST; end--) {
      const start = line.slice(0, end)
      const found = byEnd.get(line.slice(end - SHORTEST, end))
      if (!found?.some(pattern => isPiece(start, pattern) && pattern.endsWith(start))) continue
      pieces.push([0, end])
      break
    }
    for (let start = Math.max(0, line.length - longest); start <= line.length - SHORTEST; start++) {
      const rest = line.slice(start)
      const found = byStart.get(rest.slice(0, SHORTEST))
      if (!found?.some(pattern => isPiece(rest, pattern) && pattern.startsWith(rest))) continue
      pieces.push([start, line.length])
      break
    }
    return pieces
  }
}

function isPiece(text: string, {length}: string): boolean {
  return text.length >= SHORTEST && text.length >= length * PART
}

function add(index: Map<string, string[]>, key: string, pattern: string): void {
  const known = index.get(key)
  if (known) known.push(pattern)
  else index.set(key, [pattern])
}
