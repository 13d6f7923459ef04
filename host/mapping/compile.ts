import type {JsonObject} from '../../runtime/protocol.ts'
import {CERTAIN, expandSchemas, isObject, POSSIBLE, propertySchemas} from '../expand-schemas.ts'
import type {JsonSchema} from '../manifest.ts'
import type {MappingDefinition, MappingProblem} from '../mapping-types.ts'
import type {FieldInfo} from '../record-types.ts'
import {checkOutput} from './check-output.ts'
import {type CompiledRow, compileRow} from './compile-row.ts'
import {indexFields} from './fields.ts'
import {parseTemplate} from './parse-template.ts'
import {toProblem, toWarning} from './problems.ts'
import {findRepeated} from './tables.ts'
import {joinTarget} from './targets.ts'

/** What a mapping is checked against. */
export interface MappingContext {
  inputSchema: JsonSchema
  fields: FieldInfo[]
  configSchema: JsonSchema
  outputSchema?: JsonSchema
}

/** A mapping made ready once, for many records. */
export interface CompiledMapping {
  /** Those that could be made ready, in their order. */
  rows: CompiledRow[]
  inputSchema: JsonSchema
  fields: FieldInfo[]
  /** It reads the registration's configuration. */
  needsConfig: boolean
}

const MOST_ROWS = 500

/** Checks everything that can be known before there is a record. A mapping with errors is not to be used. */
export function compileMapping(
  {rows, module = 'request', tables = {}, output = []}: MappingDefinition,
  {inputSchema, fields, configSchema, outputSchema}: MappingContext,
): {compiled: CompiledMapping; problems: MappingProblem[]} {
  const index = indexFields(fields)
  const problems: MappingProblem[] = []
  if (rows.length > MOST_ROWS) {
    const message = `The mapping has more than ${MOST_ROWS} rows`
    problems.push(toProblem({code: 'TOO_LARGE', message, remedy: 'Take some away'}, {pointer: '/rows'}))
  }
  const results = rows
    .slice(0, MOST_ROWS)
    .map((row, at) => compileRow(row, at, {index, module, configSchema, inputSchema, tables}))
  const compiledRows = results.flatMap(({compiled}) => compiled ?? [])
  problems.push(...results.flatMap(result => result.problems))
  problems.push(...checkTargets(results.map(({compiled}) => compiled)))
  problems.push(...findUnset(compiledRows, results.length === compiledRows.length, inputSchema))
  problems.push(
    ...checkTables(
      tables,
      rows.map(({template}) => template),
    ),
  )
  problems.push(...checkOutput(output, index, outputSchema))
  const needsConfig = compiledRows.some(({parts}) =>
    parts.some(part => part.kind === 'placeholder' && ['config', 'secret'].includes(part.reference.kind)),
  )
  return {compiled: {rows: compiledRows, inputSchema, fields, needsConfig}, problems}
}

/** Of several rows for one parameter the first whose condition fits counts; a row behind one without condition never does. */
function checkTargets(rows: readonly (CompiledRow | null)[]): MappingProblem[] {
  const always = new Map<string, number>()
  const seen = new Map<string, number>()
  return rows.flatMap((row, index) => {
    if (!row) return []
    const pointer = `${row.pointer}/target`
    const name = joinTarget(row.target.path)
    const parents = row.target.path.slice(0, -1).map((_, end) => joinTarget(row.target.path.slice(0, end + 1)))
    const parent = parents.find(each => seen.has(each)) ?? [...seen.keys()].find(each => each.startsWith(`${name}.`))
    const before = always.get(name)
    const isNever =
      row.when !== undefined && 'any' in row.when && Array.isArray(row.when.any) && row.when.any.length === 0
    if (!seen.has(name)) seen.set(name, index)
    if (row.when === undefined && before === undefined) always.set(name, index)
    if (before !== undefined) {
      const message = `Row ${before + 1} always sets "${name}": this row never does`
      const remedy = 'Take one of them away, or give the first one a condition'
      return [toProblem({code: row.when ? 'ROW_UNREACHABLE' : 'TARGET_TWICE', message, remedy}, {pointer})]
    }
    if (parent !== undefined) {
      const message = `"${name}" and "${parent}" are set by different rows`
      return [toProblem({code: 'TARGET_OVERLAPS', message, remedy: 'Set the whole, or each part of it'}, {pointer})]
    }
    if (!isNever) return []
    const message = 'The condition of this row never fits'
    return [
      toProblem(
        {code: 'ROW_UNREACHABLE', message, remedy: 'Put a comparison into it'},
        {pointer: `${row.pointer}/when`},
      ),
    ]
  })
}

/** Required parameters that no row sets, at the top and in every object that a row sets a part of. */
function findUnset(rows: readonly CompiledRow[], isComplete: boolean, root: JsonSchema): MappingProblem[] {
  const parents = new Map<string, string[]>([['', []]])
  for (const {target} of rows) {
    for (let end = 1; end < target.path.length; end++)
      parents.set(joinTarget(target.path.slice(0, end)), target.path.slice(0, end))
  }
  return [...parents.values()].flatMap(parent => {
    const schemas = parent.reduce<JsonObject[]>(
      (level, name) =>
        expandSchemas(
          level.flatMap(schema => propertySchemas(schema, name)),
          root,
          CERTAIN,
        ),
      expandSchemas([root], root, CERTAIN),
    )
    const required = new Set(schemas.flatMap(schema => (Array.isArray(schema.required) ? schema.required : [])))
    return [...required].flatMap(key => {
      if (typeof key !== 'string' || hasDefault(schemas, key, root)) return []
      const path = [...parent, key]
      const isSet = rows.some(({target}) => path.every((name, at) => target.path[at] === name))
      // A row that could not be read may be the one.
      if (isSet || !isComplete) return []
      const message = `No row sets "${joinTarget(path)}", which is required`
      return [toProblem({code: 'PARAMETER_MISSING', message, remedy: 'Add a row for it'}, {pointer: '/rows'})]
    })
  })
}

function hasDefault(schemas: readonly JsonObject[], key: string, root: JsonSchema): boolean {
  const own = schemas.flatMap(({properties}) => (isObject(properties) ? [properties[key] ?? null] : []))
  return expandSchemas(own, root, POSSIBLE).some(schema => 'default' in schema)
}

function checkTables(tables: NonNullable<MappingDefinition['tables']>, templates: readonly string[]): MappingProblem[] {
  const calls = templates
    .flatMap(text => parseTemplate(text).parts)
    .flatMap(part => (part.kind === 'text' ? [] : part.filters))
  const used = new Set(calls.filter(({name}) => name === 'map').map(({args}) => args[0]))
  return Object.entries(tables).flatMap(([key, table]) => {
    const pointer = `/tables/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    const message = `No row uses the table "${key}"`
    const unused = used.has(key)
      ? []
      : [toWarning({code: 'TABLE_UNUSED', message, remedy: `Use it with |map:${key}`}, {pointer})]
    const repeated = findRepeated(table).map(at =>
      toWarning(
        {code: 'TABLE_REPEATS', message: 'A row before is for the same value', remedy: 'Take one of them away'},
        {pointer: `${pointer}/rows/${at}`},
      ),
    )
    return [...unused, ...repeated]
  })
}
