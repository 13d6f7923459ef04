import type {Json} from '../../runtime/protocol.ts'
import type {JsonSchema} from '../manifest.ts'
import type {Condition, MappingProblem, MappingRow, MissingPolicy, ValueTable} from '../mapping-types.ts'
import {checkHeaderTexts, warnOfEscapes} from './check-texts.ts'
import {coerce} from './coerce.ts'
import {type CompiledPlaceholder, compilePlaceholder} from './compile-placeholder.ts'
import {checkCondition} from './conditions.ts'
import {CONTEXTS} from './contexts.ts'
import {ValueFailure} from './failure.ts'
import {parseTemplate} from './parse-template.ts'
import {findPlaces, looksLikeJson} from './places.ts'
import {isError, toProblem, toWarning} from './problems.ts'
import {isFault, type Scope} from './references.ts'
import {takesAnyText, takesJson, takesTextOnly} from './target-kind.ts'
import {findTarget, joinTarget, type Target} from './targets.ts'
import type {Part} from './template.ts'
import {refuseType} from './type-fit.ts'

export type CompiledPart = {kind: 'text'; text: string} | CompiledPlaceholder

export interface CompiledRow {
  pointer: string
  row: MappingRow
  target: Target
  /** The target's names, as text. */
  name: string
  when: Condition | undefined
  missing: MissingPolicy
  parts: CompiledPart[]
  /** One placeholder and nothing else, for a parameter that takes more than text: the value keeps its type. */
  keepsType: boolean
  /** Any text fits the parameter. */
  takesAnyText: boolean
  context: string | null
  /** Its value is not to be shown. */
  secret: boolean
  /** Of a template without placeholders. */
  constant: Json | undefined
}

export interface RowScope extends Scope {
  inputSchema: JsonSchema
  tables: {[key: string]: ValueTable}
}

const LONGEST_TEMPLATE = 100_000
/** Stands in for a target that is none, so that the template is judged all the same. */
const NOWHERE: Target = {path: [], schemas: [], required: false, secret: true, context: null, undeclared: false}

export function compileRow(
  row: MappingRow,
  index: number,
  scope: RowScope,
): {compiled: CompiledRow | null; problems: MappingProblem[]} {
  const pointer = `/rows/${index}`
  const problems: MappingProblem[] = []
  const found = findTarget(row.target, scope.inputSchema)
  const target = isFault(found) ? NOWHERE : found
  if (isFault(found)) problems.push(toProblem(found, {pointer: `${pointer}/target`}))
  else if (found.undeclared) problems.push(toWarning(describeUndeclared(row), {pointer: `${pointer}/target`}))
  if (row.when) {
    const describe = (message: string) => ({code: 'CONDITION_INVALID', message, remedy: 'Correct the condition'})
    for (const each of checkCondition(row.when, scope.index.fields)) {
      problems.push(toProblem(describe(each.message), {pointer: `${pointer}/when${each.pointer}`}))
    }
  }
  if (row.template.length > LONGEST_TEMPLATE) {
    const message = `The template has more than ${LONGEST_TEMPLATE} characters`
    problems.push(toProblem({code: 'TOO_LARGE', message, remedy: 'Shorten it'}, {pointer: `${pointer}/template`}))
    return {compiled: null, problems}
  }
  const {parts, faults} = parseTemplate(row.template)
  problems.push(...faults.map(fault => toProblem(fault, {pointer: `${pointer}/template`, at: fault.at})))
  const {compiled, problems: others} = compileParts(parts, {row, target, pointer}, scope)
  const isBroken = isFault(found) || problems.some(isError)
  return {compiled: isBroken ? null : compiled, problems: [...problems, ...others]}
}

function compileParts(
  parts: readonly Part[],
  {row, target, pointer}: {row: MappingRow; target: Target; pointer: string},
  scope: RowScope,
): {compiled: CompiledRow | null; problems: MappingProblem[]} {
  const place = {pointer: `${pointer}/template`}
  const context = target.context ?? (takesJson(target) && looksLikeJson(parts) ? 'json' : null)
  const holdsValues = parts.some(({kind}) => kind === 'placeholder')
  const problems = parts.flatMap(part => (part.kind === 'text' ? warnOfEscapes(part, row, place.pointer, scope) : []))
  if (context !== null && !CONTEXTS[context] && holdsValues) {
    const message = `The parameter asks for escaping as "${context}", which this server cannot do`
    problems.push(toProblem({code: 'CONTEXT_UNKNOWN', message, remedy: 'Put no values in'}, place))
  }
  if (context === 'header') problems.push(...checkHeaderTexts(parts, row, pointer))
  const places = findPlaces(parts, context)
  const compiledParts: CompiledPart[] = []
  for (const [index, part] of parts.entries()) {
    const at = places[index]
    if (part.kind === 'text' || at === undefined) {
      if (part.kind === 'text') compiledParts.push({kind: 'text', text: part.text})
      continue
    }
    const found = compilePlaceholder(part, at, {...scope, target, context, row, pointer: place.pointer})
    problems.push(...found.problems)
    if (found.compiled) compiledParts.push(found.compiled)
  }
  if (compiledParts.length < parts.length) return {compiled: null, problems}
  const [first] = compiledParts
  const keepsType = compiledParts.length === 1 && first?.kind === 'placeholder' && !takesTextOnly(target)
  if (first?.kind === 'placeholder' && compiledParts.length === 1) {
    problems.push(...refuseType(first, target, place))
  }
  const compiled: CompiledRow = {
    pointer,
    row,
    target,
    name: joinTarget(target.path),
    when: row.when,
    missing: row.missing ?? (target.required ? 'error' : 'omit'),
    parts: compiledParts,
    keepsType,
    takesAnyText: takesAnyText(target),
    context,
    secret:
      target.secret || compiledParts.some(part => part.kind === 'placeholder' && part.reference.kind === 'secret'),
    constant: undefined,
  }
  if (target.required && (row.missing === 'omit' || row.missing === 'keep')) {
    const message = `"${row.target}" is required: without it the call is refused`
    problems.push(
      toWarning(
        {code: 'PARAMETER_MISSING', message, remedy: 'Say error, empty or a default'},
        {pointer: `${pointer}/missing`},
      ),
    )
  }
  if (!holdsValues && target.secret && target !== NOWHERE && row.template !== '')
    problems.push(toWarning(SECRET_WRITTEN, place))
  if (!holdsValues) {
    try {
      compiled.constant = coerce(
        compiledParts.map(part => (part.kind === 'text' ? part.text : '')).join(''),
        target.schemas,
        scope.inputSchema,
      )
    } catch (error) {
      if (!(error instanceof ValueFailure)) throw error
      problems.push(
        toProblem(
          {code: 'TYPE_UNFIT', message: `Parameter "${row.target}": ${error.message}`, remedy: error.remedy},
          {...place, at: 0},
        ),
      )
    }
  }
  return {compiled, problems}
}

const SECRET_WRITTEN = {
  code: 'SECRET_WRITTEN',
  message: 'A secret is written into the mapping, where everybody who may look can read it',
  remedy: 'Keep it in the configuration and write {#secret.<field>}',
}

function describeUndeclared({target}: MappingRow): {code: string; message: string; remedy: string} {
  const message = `The action does not name the parameter "${target}"`
  return {code: 'TARGET_UNDECLARED', message, remedy: 'Check its name; it is passed on as it is'}
}
