import {expandSchemas, isObject, itemSchemas, POSSIBLE, propertySchemas} from '../expand-schemas.ts'
import type {JsonSchema} from '../manifest.ts'
import type {MappingProblem, OutputRow} from '../mapping-types.ts'
import type {FieldIndex} from './fields.ts'
import {toProblem, toWarning} from './problems.ts'
import {type Fault, isFault, resolveReference} from './references.ts'
import {suggestName} from './suggest-name.ts'
import {splitTarget} from './targets.ts'

const OUTCOME = ['output', 'message', 'status', 'error']
const ERROR_KEYS = ['code', 'category', 'message', 'hint', 'field', 'retryable', 'retryAfterMs']

/** The rows that write an outcome into the record: each leads from somewhere to a field that may be written. */
export function checkOutput(rows: readonly OutputRow[], index: FieldIndex, schema?: JsonSchema): MappingProblem[] {
  const seen = new Set<string>()
  return rows.flatMap((row, at) => {
    const pointer = `/output/${at}`
    const problems: MappingProblem[] = []
    const source = checkSource(row.source, schema)
    if (source) problems.push(toProblem(source, {pointer: `${pointer}/source`}))
    const field = resolveReference(row.field, true, {index})
    const place = {pointer: `${pointer}/field`}
    if (isFault(field)) return [...problems, toProblem(field, place)]
    if (field.kind !== 'record') return problems
    const {label, readOnly, systemManaged, id} = field.field
    if (readOnly) {
      const fault = {code: 'FIELD_READ_ONLY', message: `"${label}" cannot be written`, remedy: 'Choose another field'}
      return [...problems, toProblem(fault, place)]
    }
    if (!systemManaged && !row.source.startsWith('output') && field.field.choices) {
      const message = `"${label}" has choices: a text that is none of them is refused`
      problems.push(toWarning({code: 'FIELD_CHOICES', message, remedy: 'Choose a field for text'}, place))
    }
    const key = `${id} ${row.when ?? 'succeeded'}`
    if (seen.size < seen.add(key).size) return problems
    const message = `Two rows write "${label}"`
    return [...problems, toProblem({code: 'TARGET_TWICE', message, remedy: 'Take one of them away'}, place)]
  })
}

function checkSource(source: string, schema: JsonSchema | undefined): Fault | undefined {
  const [first = '', ...path] = splitTarget(source)
  const unknown = (known: readonly string[], name: string): Fault => {
    const near = suggestName(name, known)
    const remedy = near === undefined ? `There are ${known.join(', ')}` : `Did you mean "${near}"?`
    return {code: 'SOURCE_UNKNOWN', message: `The outcome has no "${source}"`, remedy}
  }
  if (!OUTCOME.includes(first)) return unknown(OUTCOME, first)
  if (first === 'error') {
    const [name] = path
    return path.length === 1 && name !== undefined && ERROR_KEYS.includes(name)
      ? undefined
      : unknown(
          ERROR_KEYS.map(key => `error.${key}`),
          source,
        )
  }
  if (first !== 'output') return path.length === 0 ? undefined : unknown([first], source)
  return schema && checkPath(path, schema, unknown)
}

/** Only where the schema says that there is nothing else. */
function checkPath(
  path: readonly string[],
  root: JsonSchema,
  unknown: (known: readonly string[], name: string) => Fault,
): Fault | undefined {
  let schemas = expandSchemas([root], root, POSSIBLE)
  for (const name of path) {
    const isItem = /^\d+$/.test(name)
    const names = schemas.flatMap(({properties}) => (isObject(properties) ? Object.keys(properties) : []))
    const next = schemas.flatMap(schema => [
      ...propertySchemas(schema, name),
      ...(isItem ? itemSchemas(schema, Number(name)) : []),
    ])
    const isClosed = schemas.some(({additionalProperties}) => additionalProperties === false)
    if (isClosed && !names.includes(name) && !isItem) return unknown(names, name)
    schemas = expandSchemas(next, root, POSSIBLE)
  }
  return undefined
}
