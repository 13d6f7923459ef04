import {Scanner} from './scanner.ts'
import {
  endsWord,
  type FilterCall,
  LITERAL_REMEDY,
  OPEN,
  type ParsedTemplate,
  type Part,
  type Placeholder,
  type TemplateFault,
  type TextPart,
} from './template.ts'

/** A fault that ends the reading of one placeholder. */
class Unreadable extends Error {
  readonly fault: TemplateFault
  constructor(fault: TemplateFault) {
    super(fault.message)
    this.fault = fault
  }
}

/** Reads a template in one pass. What cannot be read is told in `faults` and is not among the parts. */
export function parseTemplate(text: string): ParsedTemplate {
  const scanner = new Scanner(text)
  const parts: Part[] = []
  const faults: TemplateFault[] = []
  while (!scanner.done) {
    const part = readText(scanner)
    if (part.text !== '') parts.push(part)
    if (scanner.done) break
    try {
      parts.push(readPlaceholder(scanner))
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      faults.push(error.fault)
    }
  }
  return {parts, faults}
}

function readText(scanner: Scanner): TextPart {
  const at = scanner.at
  const pieces: string[] = []
  const escapes: number[] = []
  for (;;) {
    const piece = scanner.takeUntil(OPEN)
    if (scanner.done) return {kind: 'text', at, text: [...pieces, piece].join(''), escapes}
    const {kept, isLiteral} = readBackslashes(piece)
    pieces.push(kept)
    if (!isLiteral) return {kind: 'text', at, text: pieces.join(''), escapes}
    escapes.push(scanner.at - 1)
    pieces.push(OPEN)
    scanner.take(OPEN)
  }
}

/** Of the backslashes before `{#`, two stand for one; an odd one makes the `{#` text. Others are text as they are. */
function readBackslashes(text: string): {kept: string; isLiteral: boolean} {
  let count = 0
  while (count < text.length && text.charAt(text.length - 1 - count) === '\\') count++
  return {kept: text.slice(0, text.length - Math.ceil(count / 2)), isLiteral: count % 2 === 1}
}

function readPlaceholder(scanner: Scanner): Placeholder {
  const at = scanner.at
  scanner.take(OPEN)
  const {text: name, quoted} = readWord(scanner, at, false)
  const filters: FilterCall[] = []
  while (!readCloser(scanner)) {
    if (!scanner.take('|')) throw unreadable(scanner, at)
    filters.push(readFilter(scanner, at))
  }
  if (name === '' && !quoted) {
    const message = 'The placeholder names nothing'
    throw new Unreadable({at, code: 'PLACEHOLDER_EMPTY', message, remedy: 'Name a field, as in {#Subject}'})
  }
  return {kind: 'placeholder', at, name, quoted, filters}
}

function readFilter(scanner: Scanner, opened: number): FilterCall {
  scanner.skipSpaces()
  const at = scanner.at
  const name = scanner
    .takeWhile(char => !endsWord(char, false) && char !== ':' && char !== '#' && char !== '{')
    .trimEnd()
  const args: string[] = []
  if (scanner.take(':')) {
    do args.push(readWord(scanner, opened, true).text)
    while (scanner.take(','))
  }
  return {at, name, args}
}

/** A name or an argument, in quotes or bare; the spaces around it do not belong to it. */
function readWord(scanner: Scanner, opened: number, isArgument: boolean): {text: string; quoted: boolean} {
  scanner.skipSpaces()
  const start = scanner.at
  const quotedText = scanner.takeQuoted()
  if (quotedText === null) {
    const message = 'A text in quotes is not closed'
    throw new Unreadable({
      at: start,
      code: 'PLACEHOLDER_OPEN',
      message,
      remedy: 'Close it with the same quotation mark',
    })
  }
  if (quotedText !== undefined) {
    scanner.skipSpaces()
    return {text: quotedText, quoted: true}
  }
  let text = scanner.takeWhile(char => !endsWord(char, isArgument) && char !== '{')
  while (scanner.peek() === '{') {
    if (scanner.peek(1) === '#') throw notClosed(opened)
    scanner.take('{')
    text += `{${scanner.takeWhile(char => !endsWord(char, isArgument) && char !== '{')}`
  }
  // `#}` closes as well as `}`: the mark does not belong to the word.
  if (scanner.peek() === '}' && text.endsWith('#')) text = text.slice(0, -1)
  return {text: text.trim(), quoted: false}
}

function readCloser(scanner: Scanner): boolean {
  return scanner.take('#}') || scanner.take('}')
}

function unreadable(scanner: Scanner, opened: number): Unreadable {
  if (scanner.done || scanner.peek() === '\n' || scanner.peek() === '\r') return notClosed(opened)
  if (scanner.peek() === '{' && scanner.peek(1) === '#') return notClosed(opened)
  return new Unreadable({
    at: scanner.at,
    code: 'PLACEHOLDER_UNREADABLE',
    message: `"${scanner.peek()}" cannot stand here`,
    remedy: 'Write {#Name|filter:argument,argument}; put an argument with , | or } into quotes',
  })
}

function notClosed(at: number): Unreadable {
  const remedy = `Close it with }. ${LITERAL_REMEDY}`
  return new Unreadable({at, code: 'PLACEHOLDER_OPEN', message: 'The placeholder is not closed', remedy})
}
