import type {MappingProblem} from '../mapping-types.ts'
import type {CompiledPlaceholder} from './compile-placeholder.ts'
import {type Position, toProblem, toWarning} from './problems.ts'
import {joinTarget, type Target} from './targets.ts'
import {listSchemaTypes, TYPE_WORDS, type ValueType} from './value-types.ts'

/** Parameters that can never take a value of a type. Texts may turn out to fit anything. */
const NEVER: {[type in ValueType]: readonly string[]} = {
  text: [],
  any: [],
  number: ['object'],
  boolean: ['object', 'number', 'integer'],
  date: ['object', 'boolean', 'number', 'integer'],
  list: ['object', 'boolean', 'number', 'integer'],
  object: ['string', 'number', 'integer', 'boolean'],
}

/** What is wrong before there is a value: its type cannot fit, or a choice of the field is none of the parameter's. */
export function refuseType(placeholder: CompiledPlaceholder, target: Target, place: Position): MappingProblem[] {
  const {type, at, reference, filters} = placeholder
  const types = listSchemaTypes(target.schemas).filter(each => each !== 'null')
  const name = joinTarget(target.path)
  if (types.length > 0 && types.every(each => NEVER[type].includes(each))) {
    const message = `Parameter "${name}" expects ${types.join(' or ')}, "${reference.label}" gives ${TYPE_WORDS[type]}`
    const remedy = type === 'list' ? 'Take one item with |first, or join them with |join' : 'Choose another field'
    return [toProblem({code: 'TYPE_UNFIT', message, remedy}, {...place, at})]
  }
  const choices = ('field' in reference && reference.field.choices) || []
  const allowed = target.schemas.find(schema => Array.isArray(schema.enum))?.enum
  if (filters.length > 0 || choices.length === 0 || !Array.isArray(allowed)) return []
  const words = new Set(allowed.map(each => String(each).trim().toLowerCase()))
  const others = choices.filter(choice => !words.has(choice.trim().toLowerCase()))
  if (others.length === 0) return []
  const message = `Parameter "${name}" does not know the choices ${others.join(', ')} of "${reference.label}"`
  return [
    toWarning({code: 'CHOICES_UNFIT', message, remedy: 'Bring them together with a table and |map'}, {...place, at}),
  ]
}
