import type {ValueTable} from '../mapping-types.ts'
import {isTimeZone} from './dates.ts'
import {type Apply, type Argument, type Filter, forEach} from './filter-types.ts'
import {DATE_FORMATS, parseDateFormat} from './format-date.ts'
import type {Fault} from './references.ts'
import {suggestName} from './suggest-name.ts'
import type {FilterCall} from './template.ts'
import {TEXT_FILTERS} from './text-filters.ts'
import {VALUE_FILTERS} from './value-filters.ts'
import {TYPE_WORDS, type ValueType} from './value-types.ts'

/** All filters, by name. */
export const FILTERS: {[name: string]: Filter} = {...VALUE_FILTERS, ...TEXT_FILTERS}

export interface CompiledFilter {
  name: string
  takesMissing: boolean
  apply: Apply
  type: ValueType
}

/** A filter ready to be used on values of a type, or what is wrong with how it is written. */
export function compileFilter(
  {name, args}: FilterCall,
  type: ValueType,
  tables: {[key: string]: ValueTable},
): CompiledFilter | Fault {
  const filter = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined
  if (!filter) {
    const near = suggestName(name, Object.keys(FILTERS))
    const remedy = near === undefined ? `There are ${Object.keys(FILTERS).join(', ')}` : `Did you mean "${near}"?`
    return {code: 'FILTER_UNKNOWN', message: `There is no filter "${name}"`, remedy}
  }
  const fault = checkArguments(name, filter.args ?? [], args, tables)
  if (fault) return fault
  const isEach = filter.each === true && (type === 'list' || type === 'any')
  const takes = filter.takes ?? [type]
  if (type !== 'any' && !takes.includes(type) && !isEach) {
    const wanted = takes.map(each => TYPE_WORDS[each]).join(' or ')
    const remedy = type === 'list' ? 'Take one item with |first, or join them with |join' : 'Take the filter away'
    return {code: 'FILTER_TYPE', message: `|${name} works on ${wanted}, not on ${TYPE_WORDS[type]}`, remedy}
  }
  const apply = filter.create(args, tables)
  const given = filter.gives ?? type
  return {
    name,
    takesMissing: filter.takesMissing === true,
    apply: filter.each === true ? forEach(apply) : apply,
    type: type === 'list' && filter.each === true ? 'list' : given,
  }
}

/** `slice:start[,end]` */
export function describeUsage(name: string): string {
  const args = FILTERS[name]?.args ?? []
  const texts = args.map(({name: argument, optional}, index) => {
    const text = `${index === 0 ? ':' : ','}${argument}`
    return optional ? `[${text}]` : text
  })
  return name + texts.join('')
}

function checkArguments(
  name: string,
  expected: readonly Argument[],
  args: readonly string[],
  tables: {[key: string]: ValueTable},
): Fault | undefined {
  const fault = (message: string): Fault => ({
    code: 'FILTER_ARGUMENTS',
    message: `|${name} ${message}`,
    remedy: `Write |${describeUsage(name)}`,
  })
  const needed = expected.filter(({optional}) => !optional).length
  if (args.length < needed) return fault(`needs ${needed} argument${needed === 1 ? '' : 's'}, found ${args.length}`)
  if (args.length > expected.length) return fault(`takes ${expected.length || 'no'} arguments, found ${args.length}`)
  for (const [index, text] of args.entries()) {
    const argument = expected[index]
    const reason = argument && checkArgument(argument, text, tables)
    if (reason !== undefined) return fault(`cannot take "${text}" as ${argument?.name}: ${reason}`)
  }
  return undefined
}

function checkArgument(
  {name, kind, words = []}: Argument,
  text: string,
  tables: {[key: string]: ValueTable},
): string | undefined {
  switch (kind) {
    case 'text':
      return text === '' && ['from', 'separator'].includes(name) ? 'it is empty' : undefined
    case 'integer':
      return /^-?\d{1,9}$/.test(text) ? undefined : 'it is no whole number'
    case 'format': {
      const pieces = parseDateFormat(text)
      return typeof pieces === 'string' ? `it ${pieces}; ${DATE_FORMATS.join(', ')} have a meaning, too` : undefined
    }
    case 'zone':
      return isTimeZone(text) ? undefined : 'there is no such time zone'
    case 'table': {
      const near = suggestName(text, Object.keys(tables))
      const hint = near === undefined ? '' : `; did you mean "${near}"`
      return Object.hasOwn(tables, text) ? undefined : `the mapping has no such table${hint}`
    }
    case 'word':
      return words.includes(text) ? undefined : `it is none of ${words.join(', ')}`
    case 'country':
      return /^[1-9]\d{0,2}$/.test(text) ? undefined : 'it is no country code such as 49'
  }
}
