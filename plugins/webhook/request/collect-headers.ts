import {validateHeaderName, validateHeaderValue} from 'node:http'
import {PluginError} from 'plugin-host/sdk'

/** Headers by lower-case name, so that one name is sent once. */
export type Headers = Map<string, {name: string; value: string}>

/** They belong to the connection or are computed: set by hand they let one request pass as two. */
const REFUSED = new Set([
  ...['host', 'content-length', 'transfer-encoding', 'connection', 'keep-alive', 'upgrade', 'te', 'trailer', 'expect'],
  ...['proxy-connection', 'proxy-authorization', 'proxy-authenticate', 'accept-encoding'],
])

/** Adds headers given by people, later ones instead of earlier ones. `field` is the JSON pointer of where they stand. */
export function collectHeaders(headers: Headers, given: {[name: string]: string} | undefined, field: string): void {
  for (const [name, value] of Object.entries(given ?? {}))
    setHeader(headers, name, value, `${field}/${escapePointer(name)}`)
}

/** Sets one header after checking name and value. Throws a PluginError. */
export function setHeader(headers: Headers, name: string, value: string, field: string): void {
  const category = field.startsWith('/config/') ? 'config' : 'input'
  const refuse = (reason: string, hint: string): never => {
    throw new PluginError(`Cannot set header "${show(name)}": ${reason}`, {category, field, hint})
  }
  if (!isValid(() => validateHeaderName(name))) {
    refuse('its name is not valid', 'A name has letters, digits and hyphens only')
  }
  if (REFUSED.has(name.toLowerCase())) refuse('it belongs to the connection', 'Leave it out: it is set where needed')
  if (!isValid(() => validateHeaderValue(name, value))) {
    refuse('its value holds a line break or another character that headers cannot carry', 'Use plain text in one line')
  }
  headers.set(name.toLowerCase(), {name, value})
}

function isValid(check: () => void): boolean {
  try {
    check()
    return true
  } catch {
    return false
  }
}

/** A refused name may hold anything: it is shown without what could break a log line. */
function show(name: string): string {
  return JSON.stringify(name).slice(1, -1).slice(0, 60)
}

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
