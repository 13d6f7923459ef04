import type {Json} from '../../runtime/protocol.ts'
import type {ValueTable} from '../mapping-types.ts'
import {refuseLong, ValueFailure} from './failure.ts'
import {TYPE_WORDS, typeOfValue, type ValueType} from './value-types.ts'

/** What an argument must be; all are written as text. */
export type ArgumentKind = 'text' | 'integer' | 'format' | 'zone' | 'table' | 'word' | 'country'

export interface Argument {
  name: string
  kind: ArgumentKind
  optional?: boolean
  /** Of kind `word`: what may stand there. */
  words?: readonly string[]
}

export type Apply = (value: Json) => Json | undefined

export interface Filter {
  /** One line for people. */
  summary: string
  args?: readonly Argument[]
  /** What it can work on; anything when left out. */
  takes?: readonly ValueType[]
  /** What comes out; what went in when left out. */
  gives?: ValueType
  /** On a list it works on each item. */
  each?: boolean
  /** Asked also when there is no value: it is given null. */
  takesMissing?: boolean
  /** The arguments have been checked. What the result refuses is a ValueFailure; undefined is no value. */
  create(args: readonly string[], tables: {[key: string]: ValueTable}): Apply
}

export const TEXTS: readonly ValueType[] = ['text', 'number', 'boolean', 'date']

/** A text for a value; a list is joined by commas. Throws for what has none: never "[object Object]". */
export function toText(value: Json): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) {
    return value
      .filter(item => item !== null)
      .map(toText)
      .join(', ')
  }
  if (value === null) return ''
  if (typeof value === 'object') {
    throw new ValueFailure('VALUE_UNFIT', 'an object is no text', 'Write it with |json, or name one value of it')
  }
  return String(value)
}

/** Texts, numbers and the like as text; what is a list or an object is refused. */
export function toSingleText(value: Json): string {
  if (typeof value === 'object' && value !== null) {
    const message = `expected text, found ${TYPE_WORDS[typeOfValue(value)]}`
    throw new ValueFailure('VALUE_UNFIT', message, 'Take one of it with |first, or write it with |json')
  }
  return toText(value)
}

/** Lets a filter of single values work on each item of a list. */
export function forEach(apply: Apply): Apply {
  return value => (Array.isArray(value) ? value.map(item => apply(item) ?? null) : apply(value))
}

/** Throws before the text gets too long. */
export function joinTexts(texts: readonly string[], separator: string): string {
  refuseLong(texts.reduce((sum, text) => sum + text.length + separator.length, -separator.length))
  return texts.join(separator)
}
