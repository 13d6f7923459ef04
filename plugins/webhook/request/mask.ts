import type {Types} from '../plugin.types.ts'

const MASKED = '••••••'
/** Access tokens come and go: only these many of the newest are still looked for. */
const MAX_LEARNT = 8
/** Shorter ones would blot out ordinary words. */
const MIN_LENGTH = 4
const TELLING_HEADER = /auth|cookie|token|secret|password|api-?key|signature/i

export interface Mask {
  /** Every known secret in the text replaced, also as it looks in a URL or in JSON. */
  text(text: string): string
  /** The same for every text in a value. */
  value<T>(value: T): T
  /** Another secret, learnt on the way (an access token). */
  add(secret: string): void
}

/** Hides the secrets of a configuration in whatever leaves the plugin. */
export function createMask(config: Types['config']): Mask {
  const fixed = new Set<string>()
  const learnt: string[] = []
  const {auth, tls, proxy} = config
  const add = (secret: string | undefined): void => {
    for (const form of listForms(secret ?? '')) fixed.add(form)
  }
  for (const secret of [auth.password, auth.token, auth.apiKey, auth.clientSecret, tls.passphrase, proxy?.password]) {
    add(secret)
  }
  add(tls.key)
  add(encodePair(auth.username, auth.password))
  add(encodePair(auth.clientId, auth.clientSecret))
  add(encodePair(proxy?.username, proxy?.password))
  const text = (given: string): string =>
    [...fixed, ...learnt.flatMap(listForms)]
      .sort((a, b) => b.length - a.length)
      .reduce((rest, form) => rest.replaceAll(form, MASKED), given)
  return {
    text,
    value: value => mapTexts(value, text) as typeof value,
    add: secret => {
      if (!learnt.includes(secret)) learnt.push(secret)
      if (learnt.length > MAX_LEARNT) learnt.shift()
    },
  }
}

/** Header values as they may be shown: those that carry credentials by their name not at all. */
export function showHeaders(headers: Iterable<{name: string; value: string}>, mask: Mask): {[name: string]: string} {
  return Object.fromEntries(
    [...headers].map(({name, value}) => [name, TELLING_HEADER.test(name) ? MASKED : mask.text(value)]),
  )
}

function listForms(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  const forms = [
    secret,
    encodeURIComponent(secret.toWellFormed()),
    new URLSearchParams({k: secret}).toString().slice(2),
    json,
  ]
  return secret.length < MIN_LENGTH ? [] : forms
}

function encodePair(name: string | undefined, secret: string | undefined): string | undefined {
  return secret ? Buffer.from(`${name ?? ''}:${secret}`).toString('base64') : undefined
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map(item => mapTexts(item, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [change(key), mapTexts(child, change)]))
}
