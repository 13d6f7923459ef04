import type {Json} from '../../runtime/protocol.ts'
import type {JsonSchema, Manifest} from '../manifest.ts'
import type {SchemaChange} from '../upgrade-types.ts'
import {type Field, readFields, sameJson} from './read-fields.ts'

/** `given`: the plugin takes it, so it breaks when it asks for more. `taken`: others read it, so it breaks when it holds less. */
type Direction = 'given' | 'taken'
type Change = Omit<SchemaChange, 'place'>

export interface ManifestDiff {
  actions: {added: string[]; removed: string[]}
  schemas: SchemaChange[]
}

/** What changes in the configuration, and in input and output of the actions that both versions have. */
export function diffManifests(before: Manifest, after: Manifest): ManifestDiff {
  const old = Object.keys(before.actions)
  const fresh = Object.keys(after.actions)
  const schemas = diffSchemas('config', before.config?.schema, after.config?.schema, 'given')
  for (const name of old.filter(name => Object.hasOwn(after.actions, name))) {
    const [was, is] = [before.actions[name], after.actions[name]]
    schemas.push(
      ...diffSchemas(`actions/${name}/input`, was?.input, is?.input, 'given'),
      ...diffSchemas(`actions/${name}/output`, was?.output, is?.output, 'taken'),
    )
  }
  return {
    actions: {
      added: fresh.filter(name => !Object.hasOwn(before.actions, name)),
      removed: old.filter(name => !Object.hasOwn(after.actions, name)),
    },
    schemas,
  }
}

export function diffSchemas(
  place: string,
  before: JsonSchema = {},
  after: JsonSchema = {},
  direction: Direction = 'given',
): SchemaChange[] {
  const [old, fresh] = [readFields(before), readFields(after)]
  const changes = [...new Set([...old.keys(), ...fresh.keys()])].flatMap((field): Change[] => {
    const [was, is] = [old.get(field), fresh.get(field)]
    if (was && is) return compareField(field, was, is, direction)
    // The fields of something that came or went are told with it.
    if (field !== '' && !(was ? fresh : old).has(parentOf(field))) return []
    if (was) return [describeRemoved(field, fresh, direction)]
    return is ? [describeAdded(field, is, direction)] : []
  })
  return changes.map(change => ({place, ...change}))
}

function parentOf(pointer: string): string {
  return pointer.slice(0, pointer.lastIndexOf('/'))
}

function describeRemoved(field: string, fresh: ReadonlyMap<string, Field>, direction: Direction): Change {
  const refused = fresh.get(parentOf(field))?.closed === true
  const given = refused ? 'it is refused now' : 'it is not looked at any more'
  return {field, change: 'removed', detail: direction === 'given' ? given : 'it is not told any more', breaking: true}
}

function describeAdded(field: string, {required, hasDefault}: Field, direction: Direction): Change {
  const breaking = direction === 'given' && required && !hasDefault
  return {field, change: 'added', detail: breaking ? 'it is required' : '', breaking}
}

function compareField(field: string, was: Field, is: Field, direction: Direction): Change[] {
  const given = direction === 'given'
  const changes: Change[] = []
  if (!was.required && is.required)
    changes.push({field, change: 'required', detail: 'it was optional', breaking: given && !is.hasDefault})
  if (was.required && !is.required)
    changes.push({field, change: 'optional', detail: 'it was required', breaking: !given})
  const [type, oldType] = [describeTypes(is), describeTypes(was)]
  if (type !== oldType) {
    const breaking = given ? !includesTypes(is, was) : !includesTypes(was, is)
    changes.push({field, change: 'typeChanged', detail: `${oldType} -> ${type}`, breaking})
  }
  for (const detail of listNarrowed(was, is)) changes.push({field, change: 'narrowed', detail, breaking: given})
  return changes
}

function describeTypes({types}: Field): string {
  return types.length === 0 ? 'any' : [...types].sort().join(' or ')
}

/** Whatever has one of the inner types has one of the outer. */
function includesTypes(outer: Field, inner: Field): boolean {
  if (outer.types.length === 0) return true
  const fits = (type: string): boolean =>
    outer.types.includes(type) || (type === 'integer' && outer.types.includes('number'))
  return inner.types.length > 0 && inner.types.every(fits)
}

function listNarrowed(was: Field, is: Field): string[] {
  const gone = is.values && was.values?.filter(value => !is.values?.some(known => sameJson(known, value)))
  const values = is.values?.map(value => JSON.stringify(value)).join(', ')
  return [
    ...(is.values && !was.values ? [`only ${values}`] : []),
    ...(gone && gone.length > 0 ? [`no longer ${gone.map(value => JSON.stringify(value)).join(', ')}`] : []),
    ...Object.entries(is.limits).flatMap(([name, limit]) =>
      isTighter(name, was.limits[name], limit) ? [`${name} ${JSON.stringify(limit)}`] : [],
    ),
    ...(is.closed && !was.closed ? ['other keys are refused'] : []),
  ]
}

function isTighter(name: string, was: Json | undefined, is: Json): boolean {
  if (was === undefined) return true
  if (typeof was !== 'number' || typeof is !== 'number' || name === 'multipleOf') return !sameJson(was, is)
  return /^(max|exclusiveMax)/.test(name) ? is < was : is > was
}
