import {ERROR_CATEGORIES, type JsonObject} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import type {Manifest} from '../manifest.ts'
import {compileSchema, escapePointer, formatProblems, type Problem} from '../schema.ts'
import type {RegistrationSettings} from '../types.ts'

const whole = (minimum: number, maximum: number): JsonObject => ({type: 'integer', minimum, maximum})
const strict = (properties: JsonObject, required: string[] = []): JsonObject => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
})
const FIELDS = {type: 'array', minItems: 1, maxItems: 10, uniqueItems: true, items: {type: 'string', minLength: 1}}

const check = compileSchema(
  strict({
    concurrency: whole(1, 1000),
    throttle: strict({limit: whole(1, 100_000), windowMs: whole(100, 86_400_000)}, ['limit', 'windowMs']),
    lock: {type: 'object', maxProperties: 100, additionalProperties: FIELDS},
    retry: strict({
      on: {type: 'array', uniqueItems: true, items: {enum: [...ERROR_CATEGORIES]}},
      max: whole(0, 100),
      baseMs: whole(1, 3_600_000),
    }),
    notes: {type: 'boolean'},
  }),
  {all: true},
)

/** Settings that fit, as a copy. Throws CONFIG_INVALID with pointers below `/settings`. */
export function parseSettings(settings: unknown, manifest: Manifest): RegistrationSettings {
  const copy: unknown = structuredClone(settings)
  const misfits = check(copy)
  const problems = (misfits.length > 0 ? misfits : checkLocks(copy as RegistrationSettings, manifest)).map(
    ({pointer, message}) => ({pointer: `/settings${pointer}`, message}),
  )
  if (problems.length > 0) throw new HostError('CONFIG_INVALID', {reason: formatProblems(problems), problems})
  return copy as RegistrationSettings
}

/** A lock names actions of the plugin and fields of their input: a misspelled one would lock nothing. */
function checkLocks({lock = {}}: RegistrationSettings, {actions}: Manifest): Problem[] {
  return Object.entries(lock).flatMap(([name, fields]) => {
    const place = `/lock/${escapePointer(name)}`
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined
    if (!action) return [{pointer: place, message: `is no action: there is ${Object.keys(actions).join(', ')}`}]
    return fields.flatMap((field, index) =>
      mayHave(action.input, field)
        ? []
        : [{pointer: `${place}/${index}`, message: `names "${field}", which the input of "${name}" does not have`}],
    )
  })
}

/** A schema that lists no properties, or lets others in by a schema of their own, takes any field. */
function mayHave({properties, patternProperties, additionalProperties}: JsonObject, field: string): boolean {
  if (typeof properties === 'object' && properties !== null && Object.hasOwn(properties, field)) return true
  const open = typeof additionalProperties === 'object' && additionalProperties !== null
  return properties === undefined || patternProperties !== undefined || open
}
