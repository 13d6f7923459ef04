import {encodeVariants} from './encode-variants.ts'
import {createPieceSearch, type FindPieces} from './find-pieces.ts'

/** What stands in place of a secret. */
export const REDACTED = '[secret]'
/** Shorter ones would blank out common words. */
const SHORTEST = 6

/** Takes secret values out of texts and of JSON values, however they are encoded. */
export interface Redactor {
  /** True when there is nothing to look for. */
  readonly empty: boolean
  text(value: string): string
  /** One line of a stream: also takes out pieces at its ends, of a secret that lies across two lines or was cut off. */
  line(value: string): string
  /** The same value when nothing was found, else a redacted copy. Any depth. */
  json<T>(value: T): T
}

type Range = [start: number, end: number]

interface Pattern {
  text: string
  /** Distance at which the pattern may overlap itself. */
  period: number
}

export function createRedactor(values: readonly string[]): Redactor {
  const secrets = [...new Set(values.filter(value => value.length >= SHORTEST))]
  const texts = [...new Set([...secrets.flatMap(encodeVariants), ...secrets.flatMap(listLines)])]
  const patterns = texts.map(text => ({text, period: findPeriod(text)}))
  const exact = new Set(secrets)
  if (patterns.length === 0) return NOTHING

  const text = (value: string): string => redactRanges(value, findAllRanges(value, patterns))
  // Most redactors never see a line.
  let findPieces: FindPieces | undefined
  const leaf = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value)
    return typeof value === 'number' && exact.has(String(value)) ? REDACTED : value
  }
  return {
    empty: false,
    text,
    line(value) {
      findPieces ??= createPieceSearch(texts)
      const [mark = ''] = CUT.exec(value) ?? []
      const said = value.slice(0, value.length - mark.length)
      return redactRanges(said, [...findAllRanges(said, patterns), ...findPieces(said)]) + mark
    },
    json: value => (hasSecret(value, leaf) ? copyRedacted(value, leaf) : value) as typeof value,
  }
}

/** What ends a line that was too long (`process/log-lines.ts`). */
const CUT = / \[cut: \d+ bytes more\]$/

const same = <T>(value: T): T => value
const NOTHING: Redactor = {empty: true, text: same, line: same, json: same}

/** A secret of several lines is printed line by line. The frame of a PEM text is in every one of its kind. */
function listLines(secret: string): string[] {
  const lines = secret.includes('\n') ? secret.split(/\r?\n/) : []
  return lines.filter(line => line.length >= SHORTEST && !line.startsWith('-----'))
}

function findAllRanges(value: string, patterns: readonly Pattern[]): Range[] {
  return patterns.flatMap(pattern => findRanges(value, pattern))
}

function redactRanges(value: string, ranges: Range[]): string {
  if (ranges.length === 0) return value
  ranges.sort((one, other) => one[0] - other[0])
  let result = ''
  let done = 0
  for (const [start, end] of ranges) {
    // Overlapping ones melt into one mark: replacing them in turn would leave the rest of the second.
    if (start >= done) result += value.slice(done, start) + REDACTED
    done = Math.max(done, end)
  }
  return result + value.slice(done)
}

/** A run of overlapping occurrences is one range: it is extended character by character, so the search stays linear. */
function findRanges(value: string, {text, period}: Pattern): Range[] {
  const ranges: Range[] = []
  for (let start = value.indexOf(text); start >= 0; ) {
    let end = start + text.length
    while (end < value.length && period < text.length && value[end] === value[end - period]) end++
    ranges.push([start, end])
    start = value.indexOf(text, Math.max(start + 1, end - text.length + 1))
  }
  return ranges
}

/** Length minus the longest border, by the failure function of Knuth, Morris and Pratt. */
function findPeriod(text: string): number {
  const borders = [0]
  for (let index = 1; index < text.length; index++) {
    let border = borders[index - 1] ?? 0
    while (border > 0 && text[index] !== text[border]) border = borders[border - 1] ?? 0
    borders.push(text[index] === text[border] ? border + 1 : 0)
  }
  return text.length - (borders.at(-1) ?? 0)
}

type Leaf = (value: unknown) => unknown

/** Both walks use a list of their own, not the call stack: a deep value must not end the server. */
function hasSecret(root: unknown, leaf: Leaf): boolean {
  const waiting = [root]
  while (waiting.length > 0) {
    const value = waiting.pop()
    if (typeof value !== 'object' || value === null) {
      if (leaf(value) !== value) return true
      continue
    }
    for (const [key, child] of Object.entries(value)) {
      if (leaf(key) !== key) return true
      waiting.push(child)
    }
  }
  return false
}

function copyRedacted(root: unknown, leaf: Leaf): unknown {
  const holder: {[key: string]: unknown} = {}
  const waiting: {from: unknown; to: object; key: string}[] = [{from: root, to: holder, key: 'root'}]
  for (let task = waiting.pop(); task !== undefined; task = waiting.pop()) {
    const {from, to, key} = task
    const isBranch = typeof from === 'object' && from !== null
    const copy = isBranch ? (Array.isArray(from) ? new Array<unknown>(from.length) : {}) : leaf(from)
    // A key like __proto__ must become a key, not a prototype.
    Object.defineProperty(to, key, {value: copy, enumerable: true, writable: true, configurable: true})
    if (!isBranch) continue
    for (const [name, child] of Object.entries(from)) {
      // Filled in at once, so that the order of keys stays.
      const place = String(leaf(name))
      Object.defineProperty(copy, place, {value: null, enumerable: true, writable: true, configurable: true})
      waiting.push({from: child, to: copy as object, key: place})
    }
  }
  return holder.root
}
