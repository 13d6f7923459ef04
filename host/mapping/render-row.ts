import type {Json} from '../../runtime/protocol.ts'
import {SECRET_MASK} from '../execution-types.ts'
import type {JsonSchema} from '../manifest.ts'
import type {MappingProblem, PreviewRow} from '../mapping-types.ts'
import {coerce} from './coerce.ts'
import type {CompiledPlaceholder} from './compile-placeholder.ts'
import type {CompiledRow} from './compile-row.ts'
import {composeText} from './compose-text.ts'
import {CONTEXTS, escapeWithin} from './contexts.ts'
import {refuseLong, ValueFailure} from './failure.ts'
import {toProblem} from './problems.ts'
import {type Readable, readReference} from './read-reference.ts'
import {isMissing, listSchemaTypes} from './value-types.ts'

/** What became of one row. `value` is what the plugin gets, in the clear, when the status is `set`. */
export interface RenderedRow {
  preview: PreviewRow
  value: Json
  /** References without a value. */
  missing: string[]
}

/** A row before it is filled in. */
export function describeRow({row, context}: CompiledRow, status: PreviewRow['status']): PreviewRow {
  const {target, template} = row
  return {target, template, status, values: [], resolved: null, escaped: null, coerced: null, context, problem: null}
}

/** Fills one row in. Values are put in once and never looked at again. */
export function renderRow(compiled: CompiledRow, source: Readable, root: JsonSchema, explain = true): RenderedRow {
  const preview = describeRow(compiled, 'set')
  const placeholders = compiled.parts.filter(part => part.kind === 'placeholder')
  if (explain) preview.values = placeholders.map(part => showReference(part, source, compiled))
  const rendered: RenderedRow = {preview, value: null, missing: []}
  let current: CompiledPlaceholder | undefined
  try {
    if (compiled.constant !== undefined)
      return finish(rendered, compiled, {resolved: compiled.row.template, coerced: compiled.constant})
    const values: (Json | undefined)[] = []
    for (current of placeholders) values.push(applyFilters(current, readReference(current.reference, source)))
    current = undefined
    const missing = placeholders.filter((_, index) => isMissing(values[index]))
    rendered.missing = missing.map(({reference}) => reference.label)
    const {missing: policy} = compiled
    if (missing.length > 0 && policy === 'error') {
      current = missing[0]
      const remedy = 'Fill it in, or say in the row what becomes of it without a value'
      throw new ValueFailure('VALUE_MISSING', 'it has no value', remedy)
    }
    if (missing.length > 0 && (policy === 'omit' || policy === 'keep')) {
      preview.status = 'omitted'
      return rendered
    }
    if (missing.length > 0 && typeof policy === 'object') {
      const coerced = coerce(policy.default, compiled.target.schemas, root)
      return finish(rendered, compiled, {resolved: policy.default, coerced})
    }
    return compiled.keepsType
      ? renderValue(rendered, compiled, values[0], root)
      : renderText(rendered, compiled, values, root)
  } catch (error) {
    if (!(error instanceof ValueFailure)) throw error
    preview.status = 'error'
    preview.problem = describeFailure(error, compiled, current === undefined ? placeholders : [current])
    return rendered
  }
}

function showReference(
  {name, reference}: CompiledPlaceholder,
  source: Readable,
  {target}: CompiledRow,
): PreviewRow['values'][number] {
  const value = readReference(reference, source)
  const missing = isMissing(value)
  const isSecret = reference.kind === 'secret' || target.secret
  return {reference: name, label: reference.label, value: isSecret && !missing ? SECRET_MASK : (value ?? null), missing}
}

function applyFilters({filters}: CompiledPlaceholder, read: Json | undefined): Json | undefined {
  let value = read
  for (const {apply, takesMissing} of filters) {
    if (isMissing(value) && !takesMissing) continue
    value = apply(value ?? null)
    if (typeof value === 'string') refuseLong(value.length)
  }
  return value
}

/** One placeholder: a list stays a list. */
function renderValue(
  rendered: RenderedRow,
  compiled: CompiledRow,
  value: Json | undefined,
  root: JsonSchema,
): RenderedRow {
  const {schemas} = compiled.target
  const [part] = compiled.parts
  if (isMissing(value) || part?.kind !== 'placeholder') {
    const nothing = emptyFor(schemas)
    return finish(rendered, compiled, {resolved: nothing, coerced: coerce(nothing, schemas, root)})
  }
  const isRaw = part.filters.some(({name}) => name === 'raw')
  const escaped =
    typeof value === 'object'
      ? escapeWithin(value, schemas, root, isRaw)
      : part.context !== null && typeof value === 'string'
        ? (CONTEXTS[part.context]?.escape(value, part.place) ?? value)
        : value
  return finish(rendered, compiled, {resolved: value, escaped, coerced: coerce(escaped, schemas, root)})
}

function renderText(
  rendered: RenderedRow,
  compiled: CompiledRow,
  values: readonly (Json | undefined)[],
  root: JsonSchema,
): RenderedRow {
  const {resolved, escaped, shownResolved, shownEscaped} = composeText(compiled.parts, values)
  const coerced = compiled.takesAnyText ? escaped : coerce(escaped, compiled.target.schemas, root)
  finish(rendered, compiled, {resolved, escaped, coerced})
  if (compiled.secret && !compiled.target.secret) {
    Object.assign(rendered.preview, {resolved: shownResolved, escaped: shownEscaped, coerced: shownEscaped})
  }
  return rendered
}

function finish(
  rendered: RenderedRow,
  {secret}: CompiledRow,
  {resolved, escaped = resolved, coerced}: {resolved: Json; escaped?: Json; coerced: Json},
): RenderedRow {
  const shown = secret
    ? {resolved: SECRET_MASK, escaped: SECRET_MASK, coerced: SECRET_MASK}
    : {resolved, escaped, coerced}
  Object.assign(rendered.preview, shown)
  rendered.value = coerced
  return rendered
}

/** Nothing, of the first type that has one. */
function emptyFor(schemas: CompiledRow['target']['schemas']): Json {
  const types = listSchemaTypes(schemas)
  if (types.length === 0 || types.includes('string')) return ''
  if (types.includes('null')) return null
  if (types.includes('array')) return []
  if (types.includes('object')) return {}
  const message = `expected ${types.join(' or ')}, which cannot be empty`
  throw new ValueFailure('VALUE_MISSING', message, 'Say omit or a default in the row')
}

/** Of a secret nothing is told but that it does not fit. */
function describeFailure(
  {code, message, remedy}: ValueFailure,
  {row, pointer, secret}: CompiledRow,
  parts: readonly CompiledPlaceholder[],
): MappingProblem {
  const labels = [...new Set(parts.map(({reference}) => `"${reference.label}"`))]
  const of = labels.length === 0 ? 'set' : `made of ${labels.join(', ')}`
  const reason = secret && code !== 'VALUE_MISSING' ? 'the value, which is a secret, does not fit' : message
  const fault = {code, message: `Parameter "${row.target}" cannot be ${of}: ${reason}`, remedy}
  return toProblem(fault, {pointer: `${pointer}/template`, at: parts[0]?.at ?? null})
}
