import type {JsonObject} from '../runtime/protocol.ts'
import {HostError, isHostError} from './errors.ts'
import {readRecord} from './execution/read-record.ts'
import type {MainServer} from './main-server/main-server.ts'
import {isError, toProblem} from './mapping/problems.ts'
import {type Rendering, type RenderSource, renderMapping} from './mapping/render.ts'
import type {ReadyMapping} from './mapping-compiler.ts'
import {type Check, compileSchema} from './schema.ts'
import type {MappingPreview, MappingProblem, Module, PreviewRow} from './types.ts'

/** The record of a preview: as it is given, or by its id, with or without its module. Throws RECORD_NOT_FOUND. */
export async function readPreviewRecord(
  mainServer: Pick<MainServer, 'get'>,
  given: string | JsonObject,
  module: Module,
): Promise<JsonObject> {
  if (typeof given !== 'string') return given
  const found = await readRecord(mainServer, given.includes(':') ? given : `${module}:${given}`)
  if (found.module === module) return found.record
  throw new HostError('REQUEST_INVALID', {
    reason: `the mapping is for a record of module ${module}, not ${found.module}`,
  })
}

/** How a record goes through a mapping, faults of the mapping included. Secrets are masked. */
export function previewReady(ready: ReadyMapping, complete: () => RenderSource): MappingPreview {
  const {definition, compiled, problems} = ready
  const {source, problem} = openSource(complete)
  const rendering = renderMapping(compiled, source)
  const found = [...problems, ...problem, ...rendering.problems]
  const unfit = found.some(isError) ? [] : checkInput(ready, rendering)
  const rendered = new Map(compiled.rows.map((row, index) => [row.row, rendering.rows[index]]))
  const rows = definition.rows.map<PreviewRow>((row, index) => {
    const known = rendered.get(row)
    const own = problems.find(({pointer, severity}) => severity === 'error' && pointer.startsWith(`/rows/${index}/`))
    if (known) return own && !known.problem ? {...known, status: 'error', problem: own} : known
    const {target, template} = row
    const nothing = {resolved: null, escaped: null, coerced: null, context: null}
    return {target, template, status: 'error', values: [], ...nothing, problem: own ?? null}
  })
  const all = [...found, ...unfit]
  return {ok: !all.some(isError), rows, input: rendering.shown, problems: all, missing: rendering.missing}
}

/** A configuration that is not complete yet is told as a problem. */
function openSource(complete: () => RenderSource): {source: RenderSource; problem: MappingProblem[]} {
  try {
    return {source: complete(), problem: []}
  } catch (error) {
    if (!isHostError(error, 'CONFIG_INVALID')) throw error
    const fault = {code: 'CONFIG_INVALID', message: error.message, remedy: 'Complete the configuration'}
    return {source: {record: {}, config: {}, now: 0}, problem: [toProblem(fault, {pointer: ''})]}
  }
}

const checks = new WeakMap<ReadyMapping, Check>()

/** What the rows cannot know: patterns, lengths, and what one parameter asks of another. */
function checkInput(ready: ReadyMapping, {input}: Rendering): MappingProblem[] {
  const check = checks.get(ready) ?? compileSchema(ready.compiled.inputSchema)
  checks.set(ready, check)
  // A copy, as checking fills in defaults.
  return check(structuredClone(input)).map(({pointer, message}) =>
    toProblem(
      {
        code: 'INPUT_INVALID',
        message: `The input ${pointer || 'as a whole'} ${message}`,
        remedy: 'Correct the row that sets it',
      },
      {pointer: '/rows'},
    ),
  )
}
