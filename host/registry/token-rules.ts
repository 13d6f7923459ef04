import {HostError} from '../errors.ts'
import type {TokenRow} from '../store/tokens.ts'
import {SCOPES} from '../types.ts'

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@:-]{0,63}$/u
const BOUND_SCOPE = /^execute:[^\s:]{1,128}$/
const MOST_SCOPES = 64
/** Two of one name, so that clients can be moved from one to the next. */
const MOST_ACTIVE = 2

export interface WantedToken {
  name: string
  scopes: string[]
  /** Milliseconds since 1970. */
  expiresAt?: number
}

export function isActive({expiresAt}: Pick<TokenRow, 'expiresAt'>, now: number): boolean {
  return expiresAt === null || expiresAt > now
}

/** Everything wrong with a wanted token; throws TOKEN_INVALID. */
export function requireToken({name, scopes, expiresAt}: WantedToken, rows: readonly TokenRow[], now: number): void {
  const problems: {pointer: string; message: string}[] = []
  const refuse = (pointer: string, message: string): void => void problems.push({pointer, message})
  if (!NAME.test(name)) refuse('/name', 'must be 1 to 64 letters, digits, spaces and ._@:-, a letter or digit first')
  if (scopes.length === 0 || scopes.length > MOST_SCOPES) refuse('/scopes', `must be 1 to ${MOST_SCOPES}`)
  for (const [index, scope] of scopes.entries()) if (!isScope(scope)) refuse(`/scopes/${index}`, describeScope(scope))
  if (expiresAt !== undefined && !(Number.isSafeInteger(expiresAt) && expiresAt > now)) {
    refuse('/expiresAt', 'must be a time to come, in milliseconds since 1970')
  }
  if (countActive(name, rows, now) >= MOST_ACTIVE) refuse('/name', 'has two active tokens already: remove one first')
  if (problems.length === 0) return
  const reason = problems.map(({pointer, message}) => `${pointer} ${message}`).join('; ')
  throw new HostError('TOKEN_INVALID', {reason, problems})
}

/** Throws TOKEN_NEEDED: without one administrator's token nobody could make another. */
export function requireAnotherAdmin(id: string, rows: readonly TokenRow[], now: number): void {
  const admins = rows.filter(row => row.scopes.includes('admin') && isActive(row, now))
  if (admins.length === 1 && admins[0]?.id === id) throw new HostError('TOKEN_NEEDED', {id})
}

function countActive(name: string, rows: readonly TokenRow[], now: number): number {
  return rows.filter(row => row.name === name && isActive(row, now)).length
}

function isScope(scope: string): boolean {
  return SCOPES.some(known => known === scope) || BOUND_SCOPE.test(scope)
}

function describeScope(scope: string): string {
  const shown = JSON.stringify(scope.slice(0, 64))
  return `is ${shown}, and must be one of ${SCOPES.join(', ')}, execute:<plugin>, execute:<registration>`
}
