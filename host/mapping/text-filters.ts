import {createHash} from 'node:crypto'
import type {Json} from '../../runtime/protocol.ts'
import {ESCAPES} from './escape.ts'
import {ValueFailure} from './failure.ts'
import {type Filter, joinTexts, TEXTS, toSingleText} from './filter-types.ts'
import {toE164} from './phone.ts'

const WORD = /[\p{L}\p{N}][\p{L}\p{M}\p{N}'’]*/gu
const MASK = '******'

/** A filter from text to text. */
function text(summary: string, change: (value: string) => string): Filter {
  return {summary, takes: TEXTS, gives: 'text', each: true, create: () => value => change(toSingleText(value))}
}

export const TEXT_FILTERS = {
  trim: text('takes the spaces at both ends away', value => value.trim()),
  lower: text('in lower case', value => value.toLowerCase()),
  upper: text('in upper case', value => value.toUpperCase()),
  title: text('each word with a capital', value => value.replaceAll(WORD, capitalize)),
  slice: {
    summary: 'the characters, or the items of a list, from `start` up to `end`, counted from 0; negative from the end',
    args: [
      {name: 'start', kind: 'integer'},
      {name: 'end', kind: 'integer', optional: true},
    ],
    takes: [...TEXTS, 'list'],
    create([start, end]) {
      const range = [Number(start), end === undefined ? undefined : Number(end)] as const
      return value => (Array.isArray(value) ? value.slice(...range) : sliceText(toSingleText(value), range))
    },
  },
  replace: {
    summary: 'each `from` by `to`, both as they are written',
    args: [
      {name: 'from', kind: 'text'},
      {name: 'to', kind: 'text'},
    ],
    takes: TEXTS,
    gives: 'text',
    each: true,
    create: ([from = '', to = '']) => {
      return value => joinTexts(toSingleText(value).split(from), to)
    },
  },
  phone: {
    summary: 'as `+<country><number>`; `country` (`49`) is that of numbers without one',
    args: [
      {name: 'form', kind: 'word', words: ['e164']},
      {name: 'country', kind: 'country', optional: true},
    ],
    takes: ['text', 'number'],
    gives: 'text',
    each: true,
    create:
      ([, country]) =>
      value => {
        const number = toE164(toSingleText(value), country)
        if (number !== undefined) return number
        const remedy = 'Correct it, or name the country, as in |phone:e164,49'
        throw new ValueFailure('VALUE_UNFIT', 'it is no telephone number with a country code', remedy)
      },
  },
  mask: {
    summary: 'stars, and the last `shown` characters',
    args: [{name: 'shown', kind: 'integer', optional: true}],
    takes: TEXTS,
    gives: 'text',
    each: true,
    create: ([shown = '0']) => {
      return value => maskText(toSingleText(value), Number(shown))
    },
  },
  sha256: text('its SHA-256 in hexadecimal', value => createHash('sha256').update(value).digest('hex')),
  json: {
    summary: 'as JSON, text with its quotes',
    gives: 'text',
    create: () => (value: Json) => JSON.stringify(value).toWellFormed(),
  },
  url: text('escaped as one part of a URL', ESCAPES.url),
  html: text('escaped for HTML', ESCAPES.html),
  dn: text('escaped as a value of a distinguished name', ESCAPES.dn),
  rdn: text('the same', ESCAPES.dn),
  ldapfilter: text('escaped as a value of an LDAP filter', ESCAPES.ldapfilter),
  csv: text('as a cell of a CSV file, formulas disarmed', ESCAPES.csv),
  raw: {
    summary: 'not escaped; needs `allowRaw` in the row',
    create: () => (value: Json) => value,
  },
} as const satisfies {[name: string]: Filter}

function capitalize(word: string): string {
  const [first = ''] = word
  return first.toUpperCase() + word.slice(first.length).toLowerCase()
}

/** By characters as people count them: no pair of surrogates is cut apart. */
function sliceText(value: string, [start, end]: readonly [number, number | undefined]): string {
  return [...value].slice(start, end).join('')
}

function maskText(value: string, shown: number): string {
  const characters = [...value]
  return shown <= 0 || characters.length <= shown * 2 ? MASK : MASK + characters.slice(-shown).join('')
}
