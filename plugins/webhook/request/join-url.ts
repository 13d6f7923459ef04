import {PluginError} from 'plugin-host/sdk'

export interface Address {
  url?: string
  path?: string
  query?: {[name: string]: QueryValue}
}
type Scalar = string | number | boolean
type QueryValue = Scalar | null | Scalar[]

/** The URL to call. With a base URL the result lies below it whatever the input says. Throws a PluginError. */
export function joinUrl(baseUrl: string | undefined, {url, path, query}: Address): URL {
  const joined =
    baseUrl === undefined ? parseWhole(url, path) : joinBelow(parseUrl(baseUrl, '/config/baseUrl'), url, path)
  addQuery(joined, encodeQuery(query ?? {}))
  joined.hash = ''
  return joined
}

/** Appends to the query without touching how the rest of it is written: some systems compare it letter by letter. */
export function addQuery(url: URL, encoded: string): void {
  url.search = [url.search.slice(1), encoded].filter(part => part !== '').join('&')
}

function encodeQuery(query: {[name: string]: QueryValue}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).filter(item => item !== null).map(item => [name, String(item)]),
  )
  return new URLSearchParams(pairs).toString()
}

/** Parses an http or https URL without credentials in it. `field` is the JSON pointer of where it was given. */
export function parseUrl(text: string, field: string): URL {
  const parsed = URL.parse(text.trim())
  const category = field.startsWith('/config/') ? 'config' : 'input'
  if (parsed === null || parsed.hostname === '') {
    const hint = 'Give the whole address, such as https://api.example.com/messages'
    throw new PluginError('Cannot read the URL: it is no valid address', {category, field, hint})
  }
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    const hint = 'Only http and https can be called'
    throw new PluginError(`Cannot call the URL: its scheme is "${parsed.protocol}"`, {category, field, hint})
  }
  if (parsed.username !== '' || parsed.password !== '') {
    const hint = 'Put them into the fields made for them, where they are kept secret'
    throw new PluginError('Cannot call the URL: it carries a user name or password', {category, field, hint})
  }
  return parsed
}

function parseWhole(url: string | undefined, path: string | undefined): URL {
  if (path !== undefined) {
    const hint = 'Set the base URL, or give the whole address as "url"'
    throw new PluginError('Cannot use "path": the configuration has no base URL', {
      category: 'config',
      field: '/config/baseUrl',
      hint,
    })
  }
  if (url === undefined || url.trim() === '') {
    const hint = 'Give the address as "url", or set a base URL in the configuration and give a "path"'
    throw new PluginError('Cannot call anything: neither a URL nor a base URL is set', {
      category: 'input',
      field: '/input/url',
      hint,
    })
  }
  return parseUrl(url, '/input/url')
}

function joinBelow(base: URL, url: string | undefined, path: string | undefined): URL {
  if (url !== undefined && path !== undefined) {
    throw new PluginError('Cannot use both "url" and "path": they name the same thing', {
      category: 'input',
      field: '/input/url',
      hint: 'Leave one of them out',
    })
  }
  const field = url === undefined ? '/input/path' : '/input/url'
  const joined = url === undefined ? appendPath(base, path ?? '') : parseUrl(url, field)
  if (joined.origin !== base.origin || !isBelow(joined.pathname, base.pathname)) {
    throw new PluginError('Cannot call outside of the configured base URL', {
      category: 'input',
      field,
      hint: `Everything must lie below ${base.origin}${base.pathname}`,
    })
  }
  return joined
}

/** Only path and query of the base are set, so the origin cannot change, whatever the text holds. */
function appendPath(base: URL, text: string): URL {
  const [beforeHash = ''] = text.trim().split('#')
  const mark = beforeHash.indexOf('?')
  const path = mark < 0 ? beforeHash : beforeHash.slice(0, mark)
  const joined = new URL(base)
  if (path !== '') joined.pathname = `${base.pathname.replace(/\/$/, '')}/${path.replace(/^\//, '')}`
  if (mark >= 0) addQuery(joined, beforeHash.slice(mark + 1))
  return joined
}

/** Encoded slashes and dots count too: what they mean is up to the other system. */
function isBelow(path: string, base: string): boolean {
  const folder = base.endsWith('/') ? base : `${base}/`
  const climbs = path.split(/\/|%2f|\\|%5c/i).some(step => /^(\.|%2e){1,2}$/i.test(step))
  return !climbs && (path === base || path.startsWith(folder))
}
