import type {MappingProblem, MappingRow, ValueTable} from '../mapping-types.ts'
import {CONTEXTS, FILTER_OF_CONTEXT} from './contexts.ts'
import {type CompiledFilter, compileFilter} from './filters.ts'
import type {Place} from './places.ts'
import {toProblem, toWarning} from './problems.ts'
import {type Fault, isFault, type Reference, resolveReference, type Scope} from './references.ts'
import type {Target} from './targets.ts'
import type {Placeholder} from './template.ts'
import type {ValueType} from './value-types.ts'

export interface CompiledPlaceholder {
  kind: 'placeholder'
  at: number
  name: string
  reference: Reference
  filters: CompiledFilter[]
  type: ValueType
  /** The context it is escaped for; null for none. */
  context: string | null
  place: Place
}

export interface PlaceholderScope extends Scope {
  tables: {[key: string]: ValueTable}
  target: Target
  context: string | null
  row: MappingRow
  pointer: string
}

/** What may be done to a secret: its pieces would not be known as secret any more. */
const SECRET_FILTERS = ['default', 'required', 'trim', 'raw']
/** In these a value may stand for more than one part: what an administrator wrote goes in as it is. */
const COMPOSED = ['ldap-dn', 'url']

export function compilePlaceholder(
  placeholder: Placeholder,
  place: Place,
  scope: PlaceholderScope,
): {compiled: CompiledPlaceholder | null; problems: MappingProblem[]} {
  const {pointer, context} = scope
  const problems: MappingProblem[] = []
  const reference = resolveReference(placeholder.name, placeholder.quoted, scope)
  const fail = (fault: Fault, at = placeholder.at): void => void problems.push(toProblem(fault, {pointer, at}))
  if (isFault(reference)) fail(reference)

  const filters: CompiledFilter[] = []
  let type: ValueType = isFault(reference) ? 'any' : reference.type
  for (const call of placeholder.filters) {
    const filter = compileFilter(call, type, scope.tables)
    if (isFault(filter)) fail(filter, call.at)
    else filters.push(filter)
    type = isFault(filter) ? 'any' : filter.type
  }
  const names = placeholder.filters.map(({name}) => name)
  if (!isFault(reference) && reference.kind === 'secret') {
    const fault = refuseSecret(names, scope)
    if (fault) fail(fault)
  }
  if (names.includes('raw')) {
    if (scope.row.allowRaw) problems.push(toWarning(RAW_USED, {pointer, at: placeholder.at}))
    else fail(RAW_REFUSED)
  }
  if (context === 'csv' && !place.isQuoted && !place.isWholeCell && !names.includes('raw')) fail(PART_OF_CELL)
  const mode = chooseEscape(
    names,
    {context, place},
    isFault(reference) ? undefined : reference,
    scope.tables,
    placeholder,
  )
  if (context === 'url' && mode !== null && placeholder.at === 0) {
    problems.push(toWarning(WHOLE_URL, {pointer, at: 0}))
  }
  if (isFault(reference)) return {compiled: null, problems}
  const {at} = placeholder
  const compiled = {
    kind: 'placeholder' as const,
    at,
    name: placeholder.name,
    reference,
    filters,
    type,
    context: mode,
    place,
  }
  return {compiled, problems}
}

const RAW_USED = {
  code: 'RAW_USED',
  message: 'The value goes in without being escaped',
  remedy: 'Take |raw away unless the value comes from somebody you trust',
}
const RAW_REFUSED = {
  code: 'RAW_REFUSED',
  message: '|raw is not allowed in this row',
  remedy: 'Take it away, or allow it with allowRaw',
}
const PART_OF_CELL = {
  code: 'CSV_PART',
  message: 'The value is only a part of its cell',
  remedy: 'Put the whole cell into quotes: "{#Name} ({#Email})"',
}
const WHOLE_URL = {
  code: 'URL_PART',
  message: 'The value is encoded as a part of an address: a whole address does not survive that',
  remedy: 'Write the address in front of it, or use a configuration field or a table for it',
}

function refuseSecret(names: readonly string[], {target}: PlaceholderScope): Fault | undefined {
  if (!target.secret && target.context !== 'header') {
    return {
      code: 'SECRET_PLACE',
      message: 'A secret cannot go into this parameter',
      remedy: 'Use it in a parameter that is marked as secret, or in a header',
    }
  }
  const name = names.find(each => !SECRET_FILTERS.includes(each))
  if (name === undefined) return undefined
  return {code: 'SECRET_FILTERED', message: `A secret cannot be changed by |${name}`, remedy: 'Take the filter away'}
}

/** null where the value needs no escaping, or has been escaped by hand. */
function chooseEscape(
  names: readonly string[],
  {context, place}: {context: string | null; place: Place},
  reference: Reference | undefined,
  tables: {[key: string]: ValueTable},
  {filters}: Placeholder,
): string | null {
  // Nobody may end a header, whoever takes the blame.
  if (context === 'header') return context
  if (context === null || !CONTEXTS[context] || names.includes('raw')) return null
  const last = names.at(-1)
  if (last !== undefined && FILTER_OF_CONTEXT[context]?.includes(last)) return null
  if (context === 'csv' && last === 'csv' && !place.isQuoted) return null
  if (context === 'json' && last === 'json' && !place.isQuoted) return null
  if (!COMPOSED.includes(context)) return context
  if (last === 'map' && tables[filters.at(-1)?.args[0] ?? '']?.unmatched !== 'pass') return null
  const isDeclared = reference?.kind === 'config' && names.length === 0 && reference.contexts.includes(context)
  return isDeclared ? null : context
}
