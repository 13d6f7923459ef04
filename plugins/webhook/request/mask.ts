import type {Types} from '../plugin.types.ts'

const MASKED = '••••••'
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
  const forms = new Set<string>()
  const {auth, tls, proxy} = config
  const add = (secret: string | undefined): void => {
    for (const form of listForms(secret ?? '')) if (form.length >= MIN_LENGTH) forms.add(form)
  }
  for (const secret of [auth.password, auth.token, auth.apiKey, auth.clientSecret, tls.passphrase, proxy?.password]) {
    add(secret)
  }
  add(tls.key)
  add(encodePair(auth.username, auth.password))
  add(encodePair(auth.clientId, auth.clientSecret))
  add(encodePair(proxy?.username, proxy?.password))
  const text = (given: string): string =>
    [...forms].sort((a, b) => b.length - a.length).reduce((rest, form) => rest.replaceAll(form, MASKED), given)
  return {text, add, value: value => mapTexts(value, text) as typeof value}
}

/** Header values as they may be shown: those that carry credentials by their name not at all. */
export function showHeaders(headers: Iterable<{name: string; value: string}>, mask: Mask): {[name: string]: string} {
  return Object.fromEntries(
    [...headers].map(({name, value}) => [name, TELLING_HEADER.test(name) ? MASKED : mask.text(value)]),
  )
}

function listForms(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  return [secret, encodeURIComponent(secret), new URLSearchParams({k: secret}).toString().slice(2), json]
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
