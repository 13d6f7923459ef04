/**
 * What a route asks of a token. open: nothing. read: looking. execute: running an action of one registration.
 * admin: everything else. The scope `admin` covers them all.
 */
export type Access = 'open' | 'read' | 'execute' | 'operate' | 'map' | 'admin'

/** What the request is about, as far as a scope can name it. */
export interface Target {
  registration?: string
  plugin?: string
}

/** Scopes are `admin`, `read`, `execute`, `execute:<plugin>` and `execute:<registration>`; none of them implies another but `admin`. */
export function isAllowed(scopes: readonly string[], access: Access, target: Target = {}): boolean {
  if (access === 'open' || scopes.includes('admin')) return true
  if (access !== 'execute') return scopes.includes(access)
  if (scopes.includes('execute')) return true
  return [target.registration, target.plugin].some(name => name !== undefined && scopes.includes(`execute:${name}`))
}
