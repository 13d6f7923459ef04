import {PluginError} from 'plugin-host/sdk'
import {explainStatus} from '../answer/explain-status.ts'
import {type Auth, requireField} from '../request/authorize.ts'
import {type Headers, setHeader} from '../request/collect-headers.ts'
import {parseUrl} from '../request/join-url.ts'
import type {Mask} from '../request/mask.ts'
import type {Plan} from '../request/plan-request.ts'
import type {RawAnswer} from '../transport/exchange.ts'
import type {IssuedToken} from './token-source.ts'

/** RFC 6749 leaves the lifetime out of some answers: then it is asked for again this often. */
const DEFAULT_LIFETIME_MS = 300_000
const MAX_LIFETIME_MS = 24 * 3_600_000

/** The token request of the client credentials grant (RFC 6749, 4.4). Throws a PluginError of category `config`. */
export function planTokenRequest(auth: Auth, mask: Mask): Plan {
  const url = parseUrl(requireField(auth, 'tokenUrl'), '/config/auth/tokenUrl')
  const id = requireField(auth, 'clientId')
  const secret = requireField(auth, 'clientSecret')
  const form = new URLSearchParams({grant_type: 'client_credentials'})
  if (auth.scope) form.set('scope', auth.scope)
  if (auth.audience) form.set('audience', auth.audience)
  const headers: Headers = new Map()
  setHeader(headers, 'Accept', 'application/json', '')
  setHeader(headers, 'User-Agent', 'plugin-host-webhook', '')
  setHeader(headers, 'Content-Type', 'application/x-www-form-urlencoded', '')
  if (auth.clientAuth !== 'body') {
    // RFC 6749, 2.3.1: both are form-encoded before they are joined.
    const pair = Buffer.from(`${encodeForm(id)}:${encodeForm(secret)}`).toString('base64')
    mask.add(pair)
    setHeader(headers, 'Authorization', `Basic ${pair}`, '/config/auth/clientSecret')
  } else {
    form.set('client_id', id)
    form.set('client_secret', secret)
  }
  return {method: 'POST', url, headers, body: form.toString(), repeatable: true}
}

/** The token in an answer of the token endpoint. Throws a PluginError. */
export function readToken({status, headers, body}: RawAnswer, mask: Mask, now: number): IssuedToken {
  const answer = parseObject(body.toString('utf8'))
  if (status !== 200)
    throw explainRefusal(answer, explainStatus({status, headers, excerpt: '', repeatable: true, now}), mask)
  const {access_token: token, token_type: type, expires_in: expires} = answer
  if (typeof token !== 'string' || token === '' || (type !== undefined && String(type).toLowerCase() !== 'bearer')) {
    throw new PluginError('Cannot get an access token: the token endpoint did not answer with a bearer token', {
      category: 'config',
      field: '/config/auth/tokenUrl',
      hint: 'Check the token URL: it must be the endpoint for client credentials',
    })
  }
  mask.add(token)
  const seconds = Number(expires ?? Number.NaN)
  const lifetimeMs = seconds > 0 ? Math.min(seconds * 1000, MAX_LIFETIME_MS) : DEFAULT_LIFETIME_MS
  return {token, lifetimeMs}
}

function explainRefusal(
  answer: {[key: string]: unknown},
  {category, code, retryable, retryAfterMs}: PluginError,
  mask: Mask,
): PluginError {
  const reason = [answer.error, answer.error_description].filter(part => typeof part === 'string').join(': ')
  const said = reason === '' ? '' : ` (${mask.text(reason).slice(0, 200)})`
  if (category === 'rateLimit' || category === 'unavailable') {
    const wait = retryAfterMs === undefined ? {} : {retryAfterMs}
    return new PluginError(`Cannot get an access token now: ${code}${said}`, {category, code, retryable, ...wait})
  }
  const refused = category === 'auth' || typeof answer.error === 'string'
  return new PluginError(`Cannot get an access token: the token endpoint refuses${said || `: ${code}`}`, {
    category: refused ? 'auth' : 'config',
    code: 'TOKEN_REFUSED',
    field: refused ? '/config/auth/clientSecret' : '/config/auth/tokenUrl',
    hint: refused ? 'Check client id, client secret, scope and audience' : 'Check the token URL',
  })
}

function parseObject(text: string): {[key: string]: unknown} {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? {...value} : {}
  } catch {
    return {}
  }
}

function encodeForm(text: string): string {
  return new URLSearchParams({k: text}).toString().slice(2)
}
