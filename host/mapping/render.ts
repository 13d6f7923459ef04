import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {isObject} from '../expand-schemas.ts'
import type {MappingPreview, MappingProblem, MappingSource, PreviewRow} from '../mapping-types.ts'
import {type CompiledMapping, compileMapping} from './compile.ts'
import {evaluateCondition} from './conditions.ts'
import {toProblem} from './problems.ts'
import {describeRow, renderRow} from './render-row.ts'

export {type CompiledMapping, compileMapping}

/** Everything a template can name. */
export type RenderSource = MappingSource & {config: JsonObject; now: number}

export interface Rendering {
  /** What the plugin gets, secrets in the clear. */
  input: JsonObject
  /** The same for people, secrets masked. */
  shown: JsonObject
  rows: PreviewRow[]
  /** Errors: with any of them the input is not to be used. */
  problems: MappingProblem[]
  missing: MappingPreview['missing']
}

/** Makes the input of a record. An execution needs no explanation: without it `shown` and the values of the rows stay empty. Of several rows for one parameter the first whose condition fits counts. */
export function renderMapping(
  compiled: CompiledMapping,
  source: RenderSource,
  {explain = true}: {explain?: boolean} = {},
): Rendering {
  const rendering: Rendering = {input: {}, shown: {}, rows: [], problems: [], missing: []}
  const decided = new Set<string>()
  for (const row of compiled.rows) {
    const fits = !decided.has(row.name) && (!row.when || evaluateCondition(row.when, source, compiled.fields).fits)
    if (!fits) {
      rendering.rows.push(describeRow(row, 'skipped'))
      continue
    }
    decided.add(row.name)
    const {preview, value, missing} = renderRow(row, source, compiled.inputSchema, explain)
    rendering.rows.push(preview)
    rendering.missing.push(...missing)
    if (preview.problem) rendering.problems.push(preview.problem)
    if (preview.status !== 'set') continue
    setAt(rendering.input, row.target.path, value)
    if (explain) setAt(rendering.shown, row.target.path, preview.coerced)
  }
  rendering.problems.push(...findUndecided(compiled, decided))
  rendering.missing = [...new Set(rendering.missing)]
  return rendering
}

/** Required parameters whose rows were all passed over. */
function findUndecided({rows}: CompiledMapping, decided: ReadonlySet<string>): MappingProblem[] {
  const seen = new Set(decided)
  return rows.flatMap(({target, pointer, name}) => {
    if (!target.required || seen.has(name)) return []
    seen.add(name)
    const message = `Parameter "${name}" is required, and no row for it fits this record`
    const remedy = 'Add a last row for it without a condition'
    return [toProblem({code: 'PARAMETER_MISSING', message, remedy}, {pointer: `${pointer}/when`})]
  })
}

function setAt(target: JsonObject, path: readonly string[], value: Json): void {
  let node = target
  for (const name of path.slice(0, -1)) {
    const next = Object.hasOwn(node, name) ? node[name] : undefined
    const child = isObject(next) ? next : {}
    node[name] = child
    node = child
  }
  const last = path.at(-1)
  if (last !== undefined) node[last] = value
}
