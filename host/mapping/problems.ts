import type {MappingProblem} from '../mapping-types.ts'
import type {Fault} from './references.ts'

/** Where a problem is: a pointer into the mapping and a character of the template. */
export interface Position {
  pointer: string
  at?: number | null
}

export function toProblem({code, message, remedy}: Fault, {pointer, at = null}: Position): MappingProblem {
  return {pointer, at, code, message, remedy, severity: 'error'}
}

export function toWarning(fault: Fault, position: Position): MappingProblem {
  return {...toProblem(fault, position), severity: 'warning'}
}

export function isError({severity}: MappingProblem): boolean {
  return severity === 'error'
}
