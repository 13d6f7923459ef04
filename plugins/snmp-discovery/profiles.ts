import {PluginError} from 'plugin-host/sdk'
import {BUILT_IN_PROFILES} from './built-in-profiles.ts'
import type {ConfigAttribute, ConfigProfile, ConfigTable} from './plugin.types.ts'

/** A profile with all it inherits. */
export interface Profile {
  id: string
  name: string
  patterns: string[]
  /** Itself first, then what it took over. */
  lineage: string[]
  assetType: string
  manufacturer: string | undefined
  attributes: ConfigAttribute[]
  tables: ConfigTable[]
}

export interface Match {
  profile: Profile
  /** `*` where nothing more exact fits. */
  pattern: string
  /** Why this one, for people. */
  reason: string
}

/** What every unknown device is read by. */
const FALLBACK = 'generic'
const FALLBACK_ASSET_TYPE = 'hardware$network'

type Entry = {profile: ConfigProfile; field: string}

/** The built-in profiles and the administrator's own, resolved. Throws a PluginError (`config`) with the place. */
export function resolveProfiles(own: readonly ConfigProfile[]): Profile[] {
  const entries = new Map<string, Entry>()
  for (const profile of BUILT_IN_PROFILES) entries.set(profile.id, {profile, field: '/profiles'})
  for (const [index, profile] of own.entries()) {
    const field = `/profiles/${index}`
    if (own.findIndex(other => other.id === profile.id) !== index)
      throw refuse(field, `there are two called "${profile.id}"`)
    entries.set(profile.id, {profile, field})
  }
  return [...entries.values()].map(entry => {
    const resolved = resolveProfile(entry, entries, [])
    checkReferences(resolved, entry.field)
    return resolved
  })
}

function resolveProfile(entry: Entry, entries: ReadonlyMap<string, Entry>, path: readonly string[]): Profile {
  const {profile, field} = entry
  const parents = (profile.extends ?? []).map((id, index) => {
    const parent = entries.get(id)
    if (!parent) throw refuse(`${field}/extends/${index}`, `"${profile.id}" extends "${id}", which does not exist`)
    if (id === profile.id || path.includes(id))
      throw refuse(`${field}/extends/${index}`, `"${profile.id}" extends itself by way of "${id}"`)
    return resolveProfile(parent, entries, [...path, profile.id])
  })
  return {
    id: profile.id,
    name: profile.name ?? profile.id,
    patterns: (profile.sysObjectId ?? []).map(pattern => pattern.replace(/^\./, '')),
    lineage: [...new Set([profile.id, ...parents.flatMap(parent => parent.lineage)])],
    assetType: profile.assetType ?? parents.at(-1)?.assetType ?? FALLBACK_ASSET_TYPE,
    manufacturer: profile.manufacturer ?? parents.findLast(parent => parent.manufacturer)?.manufacturer,
    attributes: joinByName([...parents.flatMap(parent => parent.attributes), ...(profile.attributes ?? [])]),
    tables: joinByName([...parents.flatMap(parent => parent.tables), ...(profile.tables ?? [])]),
  }
}

/** The last of a name wins, in the place of the first. */
function joinByName<T extends {name: string}>(items: readonly T[]): T[] {
  return [...new Map(items.map(item => [item.name, item])).values()]
}

function checkReferences(profile: Profile, field: string): void {
  const {id, tables, attributes} = profile
  for (const table of tables) checkColumns(table, Object.keys(table.where ?? {}), field)
  for (const {name, oid, from, value} of attributes) {
    const sources = [oid, from, value].filter(source => source !== undefined)
    if (sources.length !== 1) throw refuse(field, `attribute "${name}" needs one of "oid", "from" and "value"`)
    if (!from) continue
    const table = tables.find(candidate => candidate.name === from.table)
    if (!table) throw refuse(field, `attribute "${name}" takes from table "${from.table}", which "${id}" does not have`)
    checkColumns(table, [from.column, ...Object.keys(from.where ?? {})], field)
  }
}

function checkColumns(table: ConfigTable, wanted: readonly string[], field: string): void {
  const unknown = wanted.find(name => !table.columns.some(column => column.name === name))
  if (unknown !== undefined) throw refuse(field, `table "${table.name}" has no column "${unknown}"`)
}

/** The profile with the longest pattern that fits; an exact one before one that ends in `*`; an own one before a built-in one. */
export function chooseProfile(profiles: readonly Profile[], sysObjectId: string | undefined): Match {
  const fitting = profiles.flatMap(profile =>
    profile.patterns.filter(pattern => fits(pattern, sysObjectId)).map(pattern => ({profile, pattern})),
  )
  // Own profiles come last, and of equals the last is kept.
  const [first, ...rest] = fitting.toReversed()
  const best = rest.reduce((a, b) => (b && a && weigh(b.pattern) > weigh(a.pattern) ? b : a), first)
  if (best) return {...best, reason: explain(best.pattern, sysObjectId, fitting.length)}
  const fallback = profiles.find(profile => profile.id === FALLBACK) ?? profiles[0]
  if (!fallback) throw refuse('/profiles', 'there is none')
  const reason = sysObjectId ? `no profile names ${sysObjectId}` : 'the device does not tell its sysObjectID'
  return {profile: fallback, pattern: '*', reason}
}

function fits(pattern: string, oid: string | undefined): boolean {
  if (oid === undefined) return false
  if (!pattern.endsWith('*')) return pattern === oid
  return pattern === '*' || `${oid}.`.startsWith(pattern.slice(0, -1))
}

/** Arcs that are fixed; an exact pattern of the same length weighs more. */
function weigh(pattern: string): number {
  const exact = !pattern.endsWith('*')
  return (pattern.split('.').length - (exact ? 0 : 1)) * 2 + (exact ? 1 : 0)
}

function explain(pattern: string, oid: string | undefined, count: number): string {
  if (pattern === oid) return `names sysObjectID ${oid} exactly`
  return `${pattern} fits sysObjectID ${oid}${count > 1 ? ` best of ${count}` : ''}`
}

function refuse(field: string, state: string): PluginError {
  return new PluginError(`Cannot use the profiles: ${state}`, {
    category: 'config',
    code: 'PROFILE_INVALID',
    field,
    hint: 'Correct the profile in the configuration',
  })
}
