import type {IncomingHttpHeaders} from 'node:http'
import {PluginError} from 'plugin-host/sdk'
import {parseRetryAfter} from './parse-retry-after.ts'

export interface Refusal {
  status: number
  headers: IncomingHttpHeaders
  /** Beginning of the answer's text, secrets masked; empty when there is none. */
  excerpt: string
  repeatable: boolean
  now: number
}

/** The PluginError for an answer whose status does not count as success. */
export function explainStatus({status, headers, excerpt, repeatable, now}: Refusal): PluginError {
  const retryAfterMs = parseRetryAfter(headers['retry-after'], now)
  const wait = retryAfterMs === undefined ? {} : {retryAfterMs}
  const code = `HTTP_${status}`
  const said = excerpt === '' ? '' : `: ${excerpt}`
  if (status === 401 || status === 403) {
    const hint =
      status === 401 ? 'Check the credentials in the configuration' : 'Check what these credentials may do there'
    return new PluginError(`Cannot call it: the other system refuses the credentials (${status})${said}`, {
      category: 'auth',
      code,
      hint,
      field: '/config/auth',
    })
  }
  if (status === 429) {
    return new PluginError(`Cannot call it now: the other system limits the rate (429)${said}`, {
      category: 'rateLimit',
      code,
      ...wait,
    })
  }
  if (status === 504 && !repeatable) {
    const hint = 'A gateway gave up waiting: look there before sending again'
    return new PluginError(`Cannot tell whether it was done: the gateway got no answer in time (504)${said}`, {
      category: 'unknown',
      code,
      hint,
      retryable: false,
    })
  }
  if (status >= 500 || status === 408) {
    return new PluginError(`Cannot call it now: the other system failed (${status})${said}`, {
      category: 'unavailable',
      code,
      ...wait,
    })
  }
  return new PluginError(`Cannot finish the call: the other system answered ${status}${said}`, {
    category: 'business',
    code,
    hint: 'If that is fine, add the status to the successful ones',
  })
}
