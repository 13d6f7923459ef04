import {PluginError} from 'plugin-host/sdk'
import type {Plan} from '../request/plan-request.ts'

const REDIRECTS = [301, 302, 303, 307, 308]
/** What another origin gets to see; anything else may be a credential. */
const HARMLESS = ['accept', 'user-agent', 'content-type']

/** The request that a redirect asks for, or undefined when the answer is none. Throws a PluginError when it must not be followed. */
export function decideRedirect(plan: Plan, status: number, location: string | undefined): Plan | undefined {
  if (!REDIRECTS.includes(status) || location === undefined) return undefined
  const url = URL.parse(location, plan.url)
  if (url === null) throw refuse('its address is not valid')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refuse(`it leads to the scheme "${url.protocol}"`)
  if (url.username !== '' || url.password !== '') throw refuse('its address carries credentials')
  if (plan.url.protocol === 'https:' && url.protocol === 'http:') throw refuse('it leads from https to http')
  const reads = plan.method === 'GET' || plan.method === 'HEAD'
  // Browsers make a GET of it, and what was to be sent is lost without a word.
  if (!reads && (status === 301 || status === 302)) throw refuse(`a ${plan.method} would lose its body`)
  url.hash = ''
  const moved = {...plan, url, headers: url.origin === plan.url.origin ? plan.headers : dropCredentials(plan.headers)}
  return status === 303 && !reads ? dropBody(moved) : moved
}

function dropCredentials(headers: Plan['headers']): Plan['headers'] {
  return new Map([...headers].filter(([name]) => HARMLESS.includes(name)))
}

function dropBody(plan: Plan): Plan {
  const headers = new Map(plan.headers)
  headers.delete('content-type')
  return {...plan, method: 'GET', headers, body: undefined}
}

/** The error for a redirect that is not followed. */
export function refuse(reason: string): PluginError {
  return new PluginError(`Cannot follow the redirect: ${reason}`, {
    category: 'business',
    code: 'REDIRECT_REFUSED',
    hint: 'Put the address that the system really answers at into the configuration or input',
  })
}
