import type {Clock} from '../../clock.ts'
import type {Credentials} from './access.ts'
import {unavailable} from './failure.ts'
import type {Send} from './send.ts'
import {SendFailure} from './send.ts'

/** The `authorization` header of calls. */
export interface Login {
  authorize(): Promise<string>
  /** After a call with `header` was refused: another one, made once for all who ask at the same time. */
  renew(header: string): Promise<string>
}

interface Token {
  header: string
  refresh: string | null
  /** On the monotonic clock. */
  renewAt: number
}

export interface LoginParts {
  credentials: Credentials
  send: Send
  clock: Clock
  timeoutMs: number
}

const TOKEN_PATH = '/api/oauth/token'
/** A token is renewed this long before it ends, or at nine tenths of its life when that is earlier. */
const MARGIN_MS = 60_000
/** After a refused login the next one waits: many in a row lock accounts. */
const REFUSED_WAIT_MS = 60_000
const DEFAULT_LIFE_S = 3600

export function createLogin(parts: LoginParts): Login {
  return parts.credentials.kind === 'apiKey' ? useKey(parts.credentials.apiKey) : useTokens(parts, parts.credentials)
}

function useKey(apiKey: string): Login {
  return {
    authorize: async () => `Apikey ${apiKey}`,
    renew: async () => {
      throw unavailable('it refused the API key', {category: 'auth', retryable: false})
    },
  }
}

function useTokens({send, clock, timeoutMs}: LoginParts, credentials: Credentials & {kind: 'password'}): Login {
  const {username, password, clientId, clientSecret} = credentials
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
  let token: Token | undefined
  let renewing: Promise<Token> | undefined
  let waitUntil = Number.NEGATIVE_INFINITY

  /** undefined when it was refused. */
  async function ask(fields: {[name: string]: string}): Promise<Token | undefined> {
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.set(name, value)
    const encoded = new Response(form)
    const type = encoded.headers.get('content-type') ?? ''
    const body = Buffer.from(await encoded.arrayBuffer())
    const headers = {authorization: basic, 'content-type': type, accept: 'application/json'}
    const asked = clock.elapsed()
    const answer = await send({method: 'POST', path: TOKEN_PATH, headers, body, fresh: true, timeoutMs}).catch(
      error => {
        throw unavailable(
          error instanceof SendFailure ? error.message : 'the login failed',
          {category: 'network'},
          error,
        )
      },
    )
    if (answer.status === 400 || answer.status === 401 || answer.status === 403) return undefined
    const found = answer.status === 200 ? parseToken(answer.text, asked) : undefined
    if (!found) throw unavailable(`its login answered ${answer.status} without a token`, {category: 'unavailable'})
    return found
  }

  async function obtain(): Promise<Token> {
    const refreshed = token?.refresh
      ? await ask({grant_type: 'refresh_token', refresh_token: token.refresh})
      : undefined
    if (refreshed) return {...refreshed, refresh: refreshed.refresh ?? token?.refresh ?? null}
    const refusal = unavailable('it refused the user or the client', {category: 'auth', retryable: false})
    if (clock.elapsed() < waitUntil) throw refusal
    const made = await ask({username, password, grant_type: 'password'})
    if (made) return made
    waitUntil = clock.elapsed() + REFUSED_WAIT_MS
    throw refusal
  }

  async function replace(): Promise<string> {
    renewing ??= obtain().finally(() => {
      renewing = undefined
    })
    try {
      token = await renewing
    } catch (error) {
      token = undefined
      throw error
    }
    return token.header
  }

  return {
    authorize: async () => (token && clock.elapsed() < token.renewAt ? token.header : replace()),
    renew: async header => (token && token.header !== header ? token.header : replace()),
  }
}

function parseToken(text: string, now: number): Token | undefined {
  let answer: {access_token?: unknown; refresh_token?: unknown; expires_in?: unknown}
  try {
    answer = JSON.parse(text) ?? {}
  } catch {
    return undefined
  }
  const {access_token: access, refresh_token: refresh, expires_in: life} = answer
  // What is no token must not get into a header.
  if (typeof access !== 'string' || !/^[\x21-\x7e]+$/.test(access)) return undefined
  const lifeMs = (typeof life === 'number' && life > 0 ? life : DEFAULT_LIFE_S) * 1000
  const renewAt = now + Math.max(lifeMs - MARGIN_MS, lifeMs * 0.9)
  return {header: `Bearer ${access}`, refresh: typeof refresh === 'string' ? refresh : null, renewAt}
}
