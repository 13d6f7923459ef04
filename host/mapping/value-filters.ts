import type {Json} from '../../runtime/protocol.ts'
import {parseDate} from './dates.ts'
import {showValue, ValueFailure} from './failure.ts'
import {type Filter, joinTexts, TEXTS, toSingleText, toText} from './filter-types.ts'
import {addDays, formatDate, parseDateFormat} from './format-date.ts'
import {parseBoolean, parseNumber} from './parse-values.ts'
import {createLookup} from './tables.ts'
import {isMissing} from './value-types.ts'

export const VALUE_FILTERS = {
  default: {
    summary: 'this text where there is no value',
    args: [{name: 'value', kind: 'text'}],
    takesMissing: true,
    create: ([otherwise = '']) => {
      return value => (isMissing(value) ? otherwise : value)
    },
  },
  required: {
    summary: 'an error where there is no value, whatever the row says',
    takesMissing: true,
    create: () => (value: Json) => {
      if (!isMissing(value)) return value
      throw new ValueFailure('VALUE_MISSING', 'it has no value', 'Fill it in, or take |required away')
    },
  },
  split: {
    summary: 'a list of the texts between the separators',
    args: [{name: 'separator', kind: 'text'}],
    takes: TEXTS,
    gives: 'list',
    create: ([separator = '']) => {
      return value => (Array.isArray(value) ? value : toSingleText(value).split(separator))
    },
  },
  join: {
    summary: 'the items of a list as one text; `, ` between them when left out',
    args: [{name: 'separator', kind: 'text', optional: true}],
    takes: ['list'],
    gives: 'text',
    create: ([separator = ', ']) => {
      return value => joinTexts(toItems(value).map(toText), separator)
    },
  },
  first: list('the first item', items => items[0]),
  last: list('the last item', items => items.at(-1)),
  at: {
    summary: 'one item, counted from 0; negative from the end',
    args: [{name: 'index', kind: 'integer'}],
    takes: ['list'],
    gives: 'any',
    create: ([index]) => {
      return value => toItems(value).at(Number(index))
    },
  },
  count: {
    summary: 'how many items a list has',
    takes: ['list'],
    gives: 'number',
    takesMissing: true,
    create: () => (value: Json) => (isMissing(value) ? 0 : toItems(value).length),
  },
  number: {
    summary: 'as a number: digits, with a point before the fraction',
    takes: ['text', 'number', 'boolean'],
    gives: 'number',
    each: true,
    create: () => (value: Json) => demand(parseNumber(value), value, 'a number'),
  },
  bool: {
    summary: 'as true or false: yes, on, 1 and no, off, 0 count too',
    takes: ['text', 'number', 'boolean'],
    gives: 'boolean',
    each: true,
    create: () => (value: Json) => demand(parseBoolean(value), value, 'true or false'),
  },
  date: {
    summary: 'a date in another form, on the clocks of a time zone (UTC when left out)',
    args: [
      {name: 'format', kind: 'format'},
      {name: 'zone', kind: 'zone', optional: true},
    ],
    takes: ['date', 'text', 'number'],
    gives: 'text',
    each: true,
    create([format = 'iso', zone = 'UTC']) {
      const pieces = parseDateFormat(format)
      return value => (typeof pieces === 'string' ? undefined : formatDate(readDate(value), pieces, zone))
    },
  },
  add: {
    summary: 'a date this many days later; negative for earlier',
    args: [{name: 'days', kind: 'integer'}],
    takes: ['date', 'text', 'number'],
    gives: 'date',
    each: true,
    create: ([days]) => {
      return value => demand(addDays(readDate(value), Number(days)), value, 'a date in the calendar')
    },
  },
  map: {
    summary: 'what a value table of the mapping has for it',
    args: [{name: 'table', kind: 'table'}],
    takes: TEXTS,
    gives: 'any',
    each: true,
    takesMissing: true,
    create: ([key = ''], tables) => createLookup(tables[key] ?? {rows: []}, key),
  },
} as const satisfies {[name: string]: Filter}

function list(summary: string, choose: (items: Json[]) => Json | undefined): Filter {
  return {summary, takes: ['list'], gives: 'any', create: () => value => choose(toItems(value))}
}

/** What is no list counts as one item. */
function toItems(value: Json): Json[] {
  return Array.isArray(value) ? value : [value]
}

function readDate(value: Json): NonNullable<ReturnType<typeof parseDate>> {
  return demand(parseDate(value), value, 'a date such as 2027-03-31')
}

function demand<T>(result: T | undefined, value: Json, expected: string): T {
  if (result !== undefined) return result
  throw new ValueFailure('VALUE_UNFIT', `expected ${expected}, found ${showValue(value)}`, 'Correct the value')
}
