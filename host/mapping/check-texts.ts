import type {MappingProblem, MappingRow} from '../mapping-types.ts'
import {checkHeader} from './escape.ts'
import {ValueFailure} from './failure.ts'
import {toProblem, toWarning} from './problems.ts'
import {isFault, resolveReference, type Scope} from './references.ts'
import {LITERAL_REMEDY, type Part, type TextPart} from './template.ts'

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

/** What the template itself puts into a header. */
export function checkHeaderTexts(parts: readonly Part[], {missing}: MappingRow, pointer: string): MappingProblem[] {
  const texts = parts.flatMap(part => (part.kind === 'text' ? [{text: part.text, at: part.at, key: 'template'}] : []))
  if (typeof missing === 'object') texts.push({text: missing.default, at: 0, key: 'missing'})
  return texts.flatMap(({text, at, key}) => {
    try {
      checkHeader(text)
      return []
    } catch (error) {
      if (!(error instanceof ValueFailure)) throw error
      const {code, message, remedy} = error
      return [toProblem({code, message, remedy}, {pointer: `${pointer}/${key}`, at})]
    }
  })
}
