import type {Target} from './targets.ts'
import {listSchemaTypes} from './value-types.ts'

/** It takes text and nothing else: whatever is put in becomes text. */
export function takesTextOnly({schemas}: Target): boolean {
  const types = listSchemaTypes(schemas).filter(type => type !== 'null')
  // A time may come as a number, too.
  return (
    types.length === 1 &&
    types[0] === 'string' &&
    !schemas.some(({format}) => format === 'date' || format === 'date-time')
  )
}

/** Nothing but the type is said of it; lengths and patterns are left to the check of the whole input. */
export function takesAnyText(target: Target): boolean {
  const [schema, ...others] = target.schemas
  return (
    takesTextOnly(target) && others.length === 0 && schema !== undefined && !('enum' in schema || 'const' in schema)
  )
}

export function takesJson({schemas}: Target): boolean {
  const types = listSchemaTypes(schemas)
  return types.length === 0 || types.includes('object') || types.includes('array')
}
