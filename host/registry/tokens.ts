import {hash, randomBytes, timingSafeEqual} from 'node:crypto'
import {existsSync, readFileSync} from 'node:fs'
import type {Clock} from '../clock.ts'
import {HostError} from '../errors.ts'
import type {Store} from '../store/open-store.ts'
import type {TokenRow} from '../store/tokens.ts'
import type {Principal} from '../types.ts'
import {writeSecretFile} from './write-secret-file.ts'

const TOKEN = /^fph_([a-z0-9]{1,32})_([A-Za-z0-9_-]{43})$/
const CACHED = 1000
const TOUCH_MS = 60_000

/** Bearer tokens. Only the SHA-256 of a secret is stored. */
export interface Tokens {
  /** undefined for a token that is missing, malformed, unknown, wrong or expired. */
  authenticate(bearer: string): Principal | undefined
}

interface Known {
  id: string
  principal: Principal
  expiresAt: number
  touchedAt: number
}

/** Makes the administrator's token at the first start, into a file that only the server's user may read. */
export function openTokens(file: string, {store, clock}: {store: Pick<Store, 'tokens'>; clock: Clock}): Tokens {
  if (store.tokens.list().length === 0) createAdminToken(file, store, clock.now())
  // Keyed by digest, so that a lookup tells nothing about a secret by its time.
  const known = new Map<string, Known>()

  function recognize(bearer: string, digest: string): Known | undefined {
    const [, id, secret] = TOKEN.exec(bearer) ?? []
    const row = id === undefined ? undefined : store.tokens.find(id)
    if (!row || !timingSafeEqual(sha256(secret ?? ''), row.secretSha256)) return undefined
    const expiresAt = row.expiresAt ?? Number.POSITIVE_INFINITY
    const entry = {id: row.id, principal: {name: row.name, scopes: row.scopes}, expiresAt, touchedAt: 0}
    if (known.size >= CACHED) known.delete(known.keys().next().value ?? '')
    known.set(digest, entry)
    return entry
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
  }
}

/** The file is written first: a server that ends in between finds it at the next start and takes its token up. */
function createAdminToken(file: string, store: Pick<Store, 'tokens'>, now: number): void {
  try {
    const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : createToken(file)
    const [, id, secret] = TOKEN.exec(text) ?? []
    if (!id || !secret) throw new Error(`the file "${file}" holds no token\nRemove it, and a new one is made`)
    store.tokens.insert(describeAdmin(id, secret, now))
  } catch (error) {
    if (error instanceof HostError) throw error
    throw new HostError('HOST_STORE_FAILED', {reason: (error as Error).message}, error)
  }
}

function createToken(file: string): string {
  const text = `fph_${randomBytes(6).toString('hex')}_${randomBytes(32).toString('base64url')}`
  writeSecretFile(file, Buffer.from(`${text}\n`))
  return text
}

function describeAdmin(id: string, secret: string, createdAt: number): TokenRow {
  const rest = {scopes: ['admin'], createdAt, expiresAt: null, lastUsedAt: null}
  return {id, name: 'admin', secretSha256: sha256(secret), ...rest}
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}
