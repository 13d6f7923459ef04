import type {Permissions} from '../../runtime/protocol.ts'
import {grantedPermissions, type Manifest} from '../manifest.ts'

export interface PermissionDiff {
  added: Partial<Permissions>
  removed: Partial<Permissions>
  /** Something is allowed that was not before. */
  grows: boolean
}

const SWITCHES = ['exec', 'workers', 'addons'] as const
const LISTS = ['hostApi', 'effects'] as const

/** What a version may really do: a program of its own is outside Node's permission model, whatever its manifest says. */
export function effectivePermissions(manifest: Manifest): Permissions {
  const granted = grantedPermissions(manifest)
  return manifest.process?.command ? {...granted, net: ['*'], exec: true} : granted
}

export function diffPermissions(before: Permissions, after: Permissions): PermissionDiff {
  const added = subtract(after, before)
  return {added, removed: subtract(before, after), grows: Object.keys(added).length > 0}
}

/** Both together: what was agreed to once stays agreed to, so that going back needs no consent. */
export function joinPermissions(agreed: Permissions, more: Permissions): Permissions {
  const {net = [], hostApi = [], effects = []} = subtract(more, agreed)
  return {
    net: [...agreed.net, ...net],
    exec: agreed.exec || more.exec,
    workers: agreed.workers || more.workers,
    addons: agreed.addons || more.addons,
    hostApi: [...agreed.hostApi, ...hostApi],
    effects: [...agreed.effects, ...effects],
  }
}

/** For people: `hosts example.com; other programs; kv.set`. */
export function describePermissions(permissions: Partial<Permissions>): string {
  const {net = [], exec, workers, addons, hostApi = [], effects = []} = permissions
  return [
    ...(net.length > 0 ? [`network (${net.join(', ')})`] : []),
    ...(exec ? ['other programs'] : []),
    ...(workers ? ['worker threads'] : []),
    ...(addons ? ['native add-ons'] : []),
    ...hostApi,
    ...effects,
  ].join(', ')
}

/** What one allows and the other does not. */
function subtract(one: Permissions, other: Permissions): Partial<Permissions> {
  const rest: Partial<Permissions> = {}
  const net = one.net.filter(host => !other.net.some(known => covers(known, host)))
  if (net.length > 0) rest.net = net
  for (const name of SWITCHES) if (one[name] && !other[name]) rest[name] = true
  for (const name of LISTS) {
    const known: readonly string[] = other[name]
    const more = one[name].filter(value => !known.includes(value))
    if (more.length > 0) Object.assign(rest, {[name]: more})
  }
  return rest
}

/** `known` allows every address that `host` does; both as in `permissions.net`. */
function covers(known: string, host: string): boolean {
  const [wide, narrow] = [known.toLowerCase(), host.toLowerCase()]
  if (wide === '*' || wide === narrow) return true
  if (wide.startsWith('*.')) return withoutPort(narrow).endsWith(wide.slice(1))
  return !narrow.startsWith('*') && wide === withoutPort(narrow)
}

function withoutPort(host: string): string {
  // An IPv6 address has colons of its own, unless it stands in brackets.
  if (host.startsWith('[')) return host.replace(/\]:\d+$/, ']')
  return host.split(':').length === 2 ? host.replace(/:\d+$/, '') : host
}
