import type {Json} from '../../runtime/protocol.ts'
import {joinTarget, splitTarget} from '../mapping/targets.ts'
import type {Execution, ExplainedInput, MappingDefinition} from '../types.ts'

/** Each parameter of an execution: the template it was configured to, and the value that was used. */
export function explainInput(
  {input, mapping}: Pick<Execution, 'input' | 'mapping'>,
  definition: Pick<MappingDefinition, 'rows'> | undefined,
): ExplainedInput {
  const configured = (definition?.rows ?? []).map(({target, template}) => ({
    target,
    configured: template,
    used: readTarget(input, splitTarget(target)),
  }))
  const known = configured.map(({target}) => splitTarget(target))
  const rest = listLeaves(input)
    .filter(({path}) => !known.some(other => startsWith(path, other)))
    .map(({path, value}) => ({target: joinTarget(path), configured: null, used: value}))
  return {mapping, rows: [...configured, ...rest]}
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.every((name, index) => path[index] === name)
}

/** null for what the input has not: the row was left out. */
function readTarget(input: Json, path: readonly string[]): Json {
  return path.reduce<Json>(
    (node, name) => (isFields(node) && Object.hasOwn(node, name) ? node[name] : null) ?? null,
    input,
  )
}

function isFields(value: Json): value is {[name: string]: Json} {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function listLeaves(value: Json, path: string[] = []): {path: string[]; value: Json}[] {
  if (isFields(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([name, child]) => listLeaves(child, [...path, name]))
  }
  return path.length === 0 && isFields(value) ? [] : [{path, value}]
}
