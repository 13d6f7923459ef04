import type {Json} from '../../runtime/protocol.ts'
import type {JsonSchema, Manifest} from '../manifest.ts'
import {escapePointer} from '../schema.ts'
import {type BundleProblem, describeProblem} from './bundle-problems.ts'
import {isObject} from './walk-schema.ts'

/** A lock on a field that the input does not have would lock nothing, or everything. */
export function lintLocks({actions}: Manifest): BundleProblem[] {
  return Object.entries(actions).flatMap(([name, {lock = [], input}]) =>
    lock.flatMap((field, index) =>
      mayHave(input, field)
        ? []
        : [describeProblem('LOCK_FIELD_UNKNOWN', `/actions/${escapePointer(name)}/lock/${index}`, field)],
    ),
  )
}

/** A schema that lists no properties, or lets others in by a schema of their own, takes any field. */
function mayHave({properties, patternProperties, additionalProperties}: JsonSchema, field: string): boolean {
  if (isMap(properties) && Object.hasOwn(properties, field)) return true
  return properties === undefined || patternProperties !== undefined || isMap(additionalProperties)
}

function isMap(value: Json | undefined): value is {[key: string]: Json} {
  return value !== undefined && isObject(value)
}
