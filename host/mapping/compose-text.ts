import type {Json} from '../../runtime/protocol.ts'
import {SECRET_MASK} from '../execution-types.ts'
import type {CompiledPart} from './compile-row.ts'
import {CONTEXTS} from './contexts.ts'
import {refuseLong} from './failure.ts'
import {toText} from './filter-types.ts'
import {isMissing} from './value-types.ts'

/** A template with its values put in. The shown ones are the same, but for the secrets. */
export interface ComposedText {
  resolved: string
  escaped: string
  shownResolved: string
  shownEscaped: string
}

/** Puts the values of the placeholders, in their order, between the texts; `undefined` puts nothing. */
export function composeText(parts: readonly CompiledPart[], values: readonly (Json | undefined)[]): ComposedText {
  const pieces: ComposedText[] = []
  let length = 0
  let next = 0
  /** Something stands between the last text and here. */
  let isFilled = false
  for (const part of parts) {
    const piece: ComposedText = part.kind === 'text' ? same(part.text) : fillIn(part, values[next++], isFilled)
    isFilled = part.kind === 'placeholder' && (isFilled || piece.escaped !== '')
    length += piece.escaped.length
    refuseLong(length)
    pieces.push(piece)
  }
  const join = (key: keyof ComposedText): string => pieces.map(piece => piece[key]).join('')
  const [resolved, escaped] = [join('resolved'), join('escaped')]
  const hasSecret = pieces.some(piece => piece.shownEscaped !== piece.escaped)
  if (!hasSecret) return {resolved, escaped, shownResolved: resolved, shownEscaped: escaped}
  return {resolved, escaped, shownResolved: join('shownResolved'), shownEscaped: join('shownEscaped')}
}

function same(text: string): ComposedText {
  return {resolved: text, escaped: text, shownResolved: text, shownEscaped: text}
}

function fillIn(
  {context, place, reference}: Extract<CompiledPart, {kind: 'placeholder'}>,
  value: Json | undefined,
  isFilled: boolean,
): ComposedText {
  const isBareJson = context === 'json' && !place.isQuoted
  if (isMissing(value) && !isBareJson) return same('')
  const known = value ?? null
  const at = {...place, startsCell: place.startsCell && !isFilled}
  const escaped = context === null ? toText(known) : (CONTEXTS[context]?.escape(known, at) ?? '')
  const resolved = isBareJson && typeof known === 'object' ? JSON.stringify(known) : toText(known)
  if (reference.kind !== 'secret') return {resolved, escaped, shownResolved: resolved, shownEscaped: escaped}
  return {resolved, escaped, shownResolved: SECRET_MASK, shownEscaped: SECRET_MASK}
}
