import type {Part} from './template.ts'

/** Where in the text around it a placeholder stands. */
export interface Place {
  /** JSON and CSV: within quotes. */
  isQuoted: boolean
  /** URL: behind the first `?` or `#`. */
  isQuery: boolean
  /** CSV: nothing of the cell stands before it. */
  startsCell: boolean
  /** CSV: nothing else is in its cell. */
  isWholeCell: boolean
}

interface TextState {
  isQuoted: boolean
  isQuery: boolean
  startsCell: boolean
}

/** The place of each part, that of a text being of no meaning. Values never change the state: they are escaped. */
export function findPlaces(parts: readonly Part[], context: string | null): Place[] {
  let state: TextState = {isQuoted: false, isQuery: false, startsCell: true}
  return parts.map((part, index) => {
    const place = {...state, isWholeCell: isWholeCell(parts, index)}
    if (part.kind === 'text') state = context === 'json' ? readJson(part.text, state) : readLine(part.text, state)
    return place
  })
}

function readJson(text: string, state: TextState): TextState {
  let isQuoted = state.isQuoted
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '"') isQuoted = !isQuoted
    else if (char === '\\' && isQuoted) at++
  }
  return {...state, isQuoted}
}

const SEPARATORS = [',', ';', '\t', '\n', '\r']

function readLine(text: string, state: TextState): TextState {
  let {isQuoted, isQuery, startsCell} = state
  for (const char of text) {
    if (char === '?' || char === '#') isQuery = true
    if (char === '"') {
      startsCell = !isQuoted
      isQuoted = !isQuoted
    } else {
      startsCell = !isQuoted && SEPARATORS.includes(char)
    }
  }
  return {isQuoted, isQuery, startsCell}
}

function isWholeCell(parts: readonly Part[], index: number): boolean {
  const [before, after] = [parts[index - 1], parts[index + 1]]
  const startsCell = before === undefined || (before.kind === 'text' && SEPARATORS.includes(before.text.slice(-1)))
  const endsCell = after === undefined || (after.kind === 'text' && SEPARATORS.includes(after.text.slice(0, 1)))
  return startsCell && endsCell
}

/** True for a template that is a JSON object or list, whatever the values are. */
export function looksLikeJson(parts: readonly Part[]): boolean {
  const [first] = parts
  if (first?.kind !== 'text' || !/^\s*[{[]/.test(first.text)) return false
  const places = findPlaces(parts, 'json')
  const text = parts.map((part, index) => (part.kind === 'text' ? part.text : places[index]?.isQuoted ? 'x' : '0'))
  try {
    JSON.parse(text.join(''))
    return true
  } catch {
    return false
  }
}
