import {ValueFailure} from './failure.ts'

/** How a text is made safe for the place it goes to. All are linear; what cannot be made safe is refused. */
export const ESCAPES = {
  url: escapeUrl,
  html: (text: string) => text.replaceAll(/[&<>"'`]/g, char => HTML[char] ?? ''),
  dn: escapeDn,
  ldapfilter: (text: string) => text.toWellFormed().replaceAll(/[\\*()\0]/g, toHexPair),
  csv: escapeCell,
  json: (text: string) => JSON.stringify(text.toWellFormed()),
} as const

const HTML: {[char: string]: string} = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}

/** One part of an address: nothing in it ends the part. */
function escapeUrl(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function toHexPair(char: string): string {
  return `\\${char.charCodeAt(0).toString(16).padStart(2, '0')}`
}

/**
 * A value within a distinguished name, RFC 4514. Spaces at its ends are part of it. A plus sign and spaces are written in
 * hexadecimal, as there are parsers that take `\\+b` for that.
 */
function escapeDn(text: string): string {
  const before = text.length - text.trimStart().length
  const after = Math.max(before, text.trimEnd().length)
  const inner = text
    .slice(before, after)
    .toWellFormed()
    .replaceAll(/[",;<>=\\]/g, '\\$&')
    .replaceAll('+', toHexPair)
  const start = before === 0 && inner.startsWith('#') ? `\\${inner}` : inner
  const spaces = [text.slice(0, before), text.slice(after)].map(each => each.replaceAll(' ', toHexPair))
  return spaces.join(start).replaceAll(/\p{Cc}/gu, char => (char < '\x80' ? toHexPair(char) : char))
}

/** A spreadsheet would take such a cell for a formula; a plain number is none. */
export function guardFormula(text: string): string {
  return /^[=+\-@\t\r]/.test(text) && !/^[+-]?\d{1,20}(\.\d{1,20})?$/.test(text) ? `'${text}` : text
}

/** A whole cell. */
function escapeCell(text: string): string {
  const guarded = guardFormula(text)
  return /[",;\t\r\n]|^\s|\s$/.test(guarded) ? quoteCell(guarded) : guarded
}

export function quoteCell(text: string): string {
  return `"${doubleQuotes(text)}"`
}

export function doubleQuotes(text: string): string {
  return text.replaceAll('"', '""')
}

/** Within quotes of a JSON text. */
export function escapeJsonText(text: string): string {
  return JSON.stringify(text.toWellFormed()).slice(1, -1)
}

/** Throws for what would end the header or is not allowed in one. */
export function checkHeader(text: string): string {
  const found = /[^\t -~\u0080-\u00ff]/.exec(text)
  if (!found) return text
  const isEnd = /[\r\n\0]/.test(found[0])
  throw new ValueFailure(
    'VALUE_REFUSED',
    isEnd ? 'a header cannot hold a line break' : `a header cannot hold the character ${showChar(found[0])}`,
    isEnd ? 'Take the line breaks out, as with |replace:"\\n"," "' : 'Encode it, as with |url',
  )
}

/** Line breaks stay, as one character; other control characters go. */
export function cleanSms(text: string): string {
  return text
    .toWellFormed()
    .normalize('NFC')
    .replaceAll('\r\n', '\n')
    .replaceAll(/\p{Cc}/gu, char => (char === '\n' || char === '\t' ? char : ''))
}

function showChar(char: string): string {
  return `U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
}
