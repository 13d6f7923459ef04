import type {MappingProblem, MappingRow} from '../mapping-types.ts'
import {toWarning} from './problems.ts'
import {isFault, resolveReference, type Scope} from './references.ts'
import {LITERAL_REMEDY, type TextPart} from './template.ts'

const LONGEST_NAME = 200

/** `\{#Name}` where a field has that name: a backslash before the value may have been meant, as in `DOMAIN\{#User}`. */
export function warnOfEscapes(
  {escapes}: TextPart,
  {template}: MappingRow,
  pointer: string,
  scope: Scope,
): MappingProblem[] {
  return escapes.flatMap(at => {
    const start = at + 3
    const [name = '', ...rest] = template.slice(start, start + LONGEST_NAME).split(/#?\}/, 2)
    if (rest.length === 0) return []
    if (name === '' || isFault(resolveReference(name.split('|', 1)[0] ?? '', false, scope))) return []
    const message = `"\\{#${name}}" stands for itself, not for the value`
    const remedy = `For a backslash and then the value write \\\\{#${name}}. ${LITERAL_REMEDY}`
    return [toWarning({code: 'PLACEHOLDER_LITERAL', message, remedy}, {pointer, at})]
  })
}
