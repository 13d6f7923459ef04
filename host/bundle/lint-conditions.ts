import type {Json} from '../../runtime/protocol.ts'
import {findConditionFault, listConditionFields} from '../field-conditions.ts'
import type {JsonSchema, Manifest} from '../manifest.ts'
import {escapePointer} from '../schema.ts'
import {type BundleProblem, describeProblem} from './bundle-problems.ts'
import {isObject, walkSchema} from './walk-schema.ts'

const WHEN = 'x-fp-when'

/** Conditions of fields are well-formed, name fields beside them, and never turn in a circle; so do the fields that choices depend on. */
export function lintConditions({config, actions}: Manifest): BundleProblem[] {
  const known = listNames(config?.schema ?? {})
  const problems = config ? lintSchema(config.schema, '/config/schema', known) : []
  for (const [name, {input}] of Object.entries(actions)) {
    const names = new Set([...known, ...listNames(input)])
    problems.push(...lintSchema(input, `/actions/${escapePointer(name)}/input`, names))
  }
  return problems
}

function listNames(schema: JsonSchema): Set<string> {
  return new Set([...walkSchema(schema, '')].flatMap(({property}) => (property === undefined ? [] : [property])))
}

function lintSchema(root: JsonSchema, pointer: string, known: ReadonlySet<string>): BundleProblem[] {
  return [...walkSchema(root, pointer)].flatMap(({schema, pointer: place}) => {
    const properties = isObject(schema.properties ?? null) ? (schema.properties as JsonSchema) : {}
    return [
      ...Object.entries(properties).flatMap(([name, field]) =>
        isObject(field) && field[WHEN] !== undefined
          ? lintCondition(field[WHEN], properties, `${place}/properties/${escapePointer(name)}/${WHEN}`)
          : [],
      ),
      ...findCircle(properties).map(name =>
        describeProblem('CONDITION_CIRCLE', `${place}/properties/${escapePointer(name)}/${WHEN}`, name),
      ),
      ...lintDependencies(schema['x-fp-options'], `${place}/x-fp-options/dependsOn`, known),
    ]
  })
}

function lintCondition(condition: Json, beside: JsonSchema, place: string): BundleProblem[] {
  const fault = findConditionFault(condition)
  if (fault !== undefined) return [describeProblem('CONDITION_INVALID', place, fault)]
  return listConditionFields(condition)
    .filter(field => !Object.hasOwn(beside, field))
    .map(field => describeProblem('CONDITION_FIELD_UNKNOWN', place, field))
}

/** The first field whose condition leads back to itself. */
function findCircle(properties: JsonSchema): string[] {
  const done = new Set<string>()
  function leadsBack(name: string, path: ReadonlySet<string>): boolean {
    if (path.has(name)) return true
    const field = Object.hasOwn(properties, name) ? (properties[name] ?? null) : null
    if (done.has(name) || !isObject(field) || field[WHEN] === undefined) return false
    const found = listConditionFields(field[WHEN]).some(next => leadsBack(next, new Set([...path, name])))
    done.add(name)
    return found
  }
  const first = Object.keys(properties).find(name => leadsBack(name, new Set()))
  return first === undefined ? [] : [first]
}

function lintDependencies(options: Json | undefined, place: string, known: ReadonlySet<string>): BundleProblem[] {
  const names = isObject(options ?? null) ? (options as JsonSchema).dependsOn : undefined
  if (names === undefined) return []
  if (!Array.isArray(names)) return [describeProblem('OPTIONS_INVALID', place, 'must be a list of names')]
  return names.flatMap((name, index) => {
    if (typeof name !== 'string') return [describeProblem('OPTIONS_INVALID', `${place}/${index}`, 'must be a name')]
    const unknown = name.split('.').find(part => !known.has(part))
    return unknown === undefined ? [] : [describeProblem('OPTIONS_INVALID', `${place}/${index}`, `names "${unknown}"`)]
  })
}
