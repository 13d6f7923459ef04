/** A template as it is written: text, and placeholders such as `{#Requester Name|upper}`. Positions count from 0. */
export interface ParsedTemplate {
  parts: Part[]
  faults: TemplateFault[]
}

export type Part = TextPart | Placeholder

export interface TextPart {
  kind: 'text'
  at: number
  text: string
  /** Where a `{#` in it was written `\{#`. */
  escapes: number[]
}

export interface Placeholder {
  kind: 'placeholder'
  at: number
  name: string
  /** In quotes it is the label or id of a field and nothing else. */
  quoted: boolean
  filters: FilterCall[]
}

export interface FilterCall {
  at: number
  name: string
  args: string[]
}

export interface TemplateFault {
  at: number
  code: 'PLACEHOLDER_OPEN' | 'PLACEHOLDER_EMPTY' | 'PLACEHOLDER_UNREADABLE'
  message: string
  remedy: string
}

export const OPEN = '{#'
export const LITERAL_REMEDY = 'Write \\{# where the two characters are meant as text'

/** True for characters that end a name or an argument which is not in quotes. */
export function endsWord(char: string, isArgument: boolean): boolean {
  return char === '|' || char === '}' || char === '\n' || char === '\r' || (isArgument && char === ',')
}
