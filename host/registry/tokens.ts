import {hash, timingSafeEqual} from 'node:crypto'
import type {Clock} from '../clock.ts'
import {HostError} from '../errors.ts'
import type {Store} from '../store/open-store.ts'
import type {TokenRow} from '../store/tokens.ts'
import type {NewToken, Principal, TokenInfo} from '../types.ts'
import {ADMIN, openAdminToken, readTokenId, replaceTokenFile} from './admin-token.ts'
import {isActive, requireAnotherAdmin, requireToken, type WantedToken} from './token-rules.ts'
import {createTokenText, hashSecret, parseToken, type TokenText} from './token-text.ts'

const CACHED = 1000
const TOUCH_MS = 60_000
const GRACE_MS = 24 * 60 * 60_000

/** Bearer tokens. Only the SHA-256 of a secret is stored. */
export interface Tokens {
  /** undefined for a token that is missing, malformed, unknown, wrong or expired. */
  authenticate(bearer: string): Principal | undefined
  /** The oldest first. */
  list(): TokenInfo[]
  /** Throws TOKEN_INVALID. */
  create(token: WantedToken): NewToken
  /** Throws TOKEN_NOT_FOUND; TOKEN_INVALID when the token has expired, or another of its name is active. */
  rotate(id: string, options?: {graceMs?: number}): NewToken
  /** It stops working at once. Throws TOKEN_NOT_FOUND, TOKEN_NEEDED. */
  remove(id: string): void
}

interface Known {
  id: string
  principal: Principal
  expiresAt: number
  touchedAt: number
}

interface TokenParts {
  store: Pick<Store, 'tokens' | 'commitNow'>
  clock: Clock
}

/** Makes the administrator's token at the first start, into a file that only the server's user may read. */
export function openTokens(file: string, {store, clock}: TokenParts): Tokens {
  if (store.tokens.list().length === 0) {
    store.tokens.insert(composeRow(openAdminToken(file), {name: ADMIN, scopes: ['admin']}, clock.now()))
  }
  // Keyed by digest, so that a lookup tells nothing about a secret by its time.
  const known = new Map<string, Known>()

  function recognize(bearer: string, digest: string): Known | undefined {
    const token = parseToken(bearer)
    const row = token && store.tokens.find(token.id)
    if (!token || !row || !timingSafeEqual(hashSecret(token.secret), row.secretSha256)) return undefined
    const expiresAt = row.expiresAt ?? Number.POSITIVE_INFINITY
    const principal = {name: row.name, scopes: row.scopes, token: row.id}
    const entry = {id: row.id, principal, expiresAt, touchedAt: 0}
    if (known.size >= CACHED) known.delete(known.keys().next().value ?? '')
    known.set(digest, entry)
    return entry
  }

  function forget(id: string): void {
    for (const [digest, entry] of known) if (entry.id === id) known.delete(digest)
  }

  function find(id: string): TokenRow {
    const row = store.tokens.find(id)
    if (!row) throw new HostError('TOKEN_NOT_FOUND', {id})
    return row
  }

  function create(wanted: WantedToken): NewToken {
    const now = clock.now()
    requireToken(wanted, store.tokens.list(), now)
    const made = createTokenText()
    const row = composeRow(made, wanted, now)
    store.tokens.insert(row)
    return {...describeToken(row, now), token: made.text}
  }

  return {
    authenticate(bearer) {
      const digest = hash('sha256', bearer, 'base64')
      const entry = known.get(digest) ?? recognize(bearer, digest)
      const now = clock.now()
      if (!entry || entry.expiresAt <= now) return undefined
      if (now - entry.touchedAt >= TOUCH_MS) {
        entry.touchedAt = now
        store.tokens.touch(entry.id, now)
      }
      return entry.principal
    },
    list: () => store.tokens.list().map(row => describeToken(row, clock.now())),
    create,
    rotate(id, {graceMs = GRACE_MS} = {}) {
      const old = find(id)
      const now = clock.now()
      if (!isActive(old, now)) throw new HostError('TOKEN_INVALID', {reason: 'the one before it has expired'})
      const life = old.expiresAt === null ? undefined : old.expiresAt - old.createdAt
      const made = store.commitNow(() => {
        const next = create({
          name: old.name,
          scopes: old.scopes,
          ...(life !== undefined && {expiresAt: now + Math.max(life, 1)}),
        })
        store.tokens.expire(id, Math.min(old.expiresAt ?? Number.POSITIVE_INFINITY, now + graceMs))
        return next
      })
      forget(id)
      if (readTokenId(file) === id) replaceTokenFile(file, made.token)
      return made
    },
    remove(id) {
      find(id)
      requireAnotherAdmin(id, store.tokens.list(), clock.now())
      store.tokens.remove(id)
      forget(id)
      if (readTokenId(file) === id) replaceTokenFile(file, undefined)
    },
  }
}

function composeRow({id, secret}: TokenText, {name, scopes, expiresAt}: WantedToken, createdAt: number): TokenRow {
  const rest = {createdAt, expiresAt: expiresAt ?? null, lastUsedAt: null}
  return {id, name, secretSha256: hashSecret(secret), scopes: [...new Set(scopes)], ...rest}
}

function describeToken(row: TokenRow, now: number): TokenInfo {
  const {id, name, scopes, createdAt, expiresAt, lastUsedAt} = row
  return {id, name, scopes, createdAt, expiresAt, lastUsedAt, active: isActive(row, now)}
}
