/**
 * What a route asks of a token. open: nothing. read: looking. execute: running an action of one registration. operate: switching,
 * cancelling, repeating. map: mappings, rules and schedules. admin: everything else.
 */
export type Access = 'open' | 'read' | 'execute' | 'operate' | 'map' | 'admin'

/** What the request is about, as far as a scope can name it. */
export interface Target {
  registration?: string
  plugin?: string
}

/**
 * Scopes are `admin`, `operate`, `map`, `read`, `execute`, `execute:<plugin>` and `execute:<registration>`. `admin` covers them all;
 * `operate` and `map` cover `read`, since nobody can work on what they may not see. None else covers another.
 */
export function isAllowed(scopes: readonly string[], access: Access, target: Target = {}): boolean {
  if (access === 'open' || scopes.includes('admin')) return true
  if (access === 'read') return READERS.some(scope => scopes.includes(scope))
  if (access !== 'execute') return scopes.includes(access)
  if (scopes.includes('execute')) return true
  return [target.registration, target.plugin].some(name => name !== undefined && scopes.includes(`execute:${name}`))
}

const READERS = ['read', 'operate', 'map']
