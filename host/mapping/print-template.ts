import {endsWord, type FilterCall, OPEN, type Part, type Placeholder} from './template.ts'

/** Writes a template; reading it gives the same parts. */
export function printTemplate(parts: readonly Part[]): string {
  return parts
    .map((part, index) =>
      part.kind === 'placeholder'
        ? printPlaceholder(part)
        : printText(part.text, parts[index + 1]?.kind === 'placeholder'),
    )
    .join('')
}

function printText(text: string, isBeforePlaceholder: boolean): string {
  const pieces = text.split(OPEN)
  return pieces
    .map((piece, index) => {
      const isLast = index === pieces.length - 1
      if (!isLast) return `${doubleBackslashes(piece)}\\${OPEN}`
      return isBeforePlaceholder ? doubleBackslashes(piece) : piece
    })
    .join('')
}

/** Those at the end: before `{#`, two stand for one. */
function doubleBackslashes(text: string): string {
  let count = 0
  while (count < text.length && text.charAt(text.length - 1 - count) === '\\') count++
  return text + '\\'.repeat(count)
}

export function printPlaceholder({name, quoted, filters}: Pick<Placeholder, 'name' | 'quoted' | 'filters'>): string {
  // The closer `#}` leaves a name its own `#`.
  const end = !quoted && name.endsWith('#') && filters.length === 0 ? '#}' : '}'
  return `${OPEN}${quoted ? quote(name) : name}${filters.map(printFilter).join('')}${end}`
}

function printFilter({name, args}: FilterCall): string {
  return `|${name}${args.length > 0 ? `:${args.map(printArgument).join(',')}` : ''}`
}

function printArgument(text: string): string {
  const isBare =
    text.trim() === text &&
    !/^["']/.test(text) &&
    !text.includes(OPEN) &&
    !text.endsWith('#') &&
    ![...text].some(char => endsWord(char, true))
  return isBare ? text : quote(text)
}

function quote(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
  return `"${escaped}"`
}
