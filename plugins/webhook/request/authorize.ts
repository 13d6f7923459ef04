import {PluginError} from 'plugin-host/sdk'
import type {Types} from '../plugin.types.ts'
import {setHeader} from './collect-headers.ts'
import {addQuery} from './join-url.ts'
import type {Plan} from './plan-request.ts'

export type Auth = Types['config']['auth']

/** A copy of the plan with the configured credentials on it; `token` is the OAuth2 access token. Throws a PluginError. */
export function authorize(plan: Plan, auth: Auth, token?: string): Plan {
  const authorized = {...plan, url: new URL(plan.url), headers: new Map(plan.headers)}
  const set = (name: string, value: string, field: string): void => {
    if (plan.headers.has(name.toLowerCase())) {
      throw new PluginError(`Cannot set header "${name}": the configured authentication sets it`, {
        category: 'input',
        field: `/input/headers/${name}`,
        hint: 'Leave it out, or choose authentication "none"',
      })
    }
    setHeader(authorized.headers, name, value, field)
  }
  if (auth.type === 'basic') set('Authorization', `Basic ${encodeBasic(auth)}`, '/config/auth/password')
  if (auth.type === 'bearer') set('Authorization', `Bearer ${requireField(auth, 'token')}`, '/config/auth/token')
  if (auth.type === 'oauth2') set('Authorization', `Bearer ${token ?? ''}`, '/config/auth/tokenUrl')
  if (auth.type === 'apiKey') {
    const key = requireField(auth, 'apiKey')
    const name = requireField(auth, 'apiKeyName')
    if (auth.apiKeyIn === 'query') addQuery(authorized.url, new URLSearchParams({[name]: key}).toString())
    else set(name, key, '/config/auth/apiKey')
  }
  return authorized
}

/** A field of the authentication that its type needs. Throws a PluginError when it is missing. */
export function requireField(
  auth: Auth,
  name: 'username' | 'password' | 'token' | 'apiKey' | 'apiKeyName' | 'tokenUrl' | 'clientId' | 'clientSecret',
): string {
  const value = auth[name]
  if (value !== undefined && value !== '') return value
  throw new PluginError(`Cannot authenticate with "${auth.type}": "${name}" is not set`, {
    category: 'config',
    field: `/config/auth/${name}`,
    hint: 'Fill it in under Authentication',
  })
}

/** RFC 7617: the first colon ends the user name, so there can be none in it. */
function encodeBasic(auth: Auth): string {
  const username = requireField(auth, 'username')
  if (username.includes(':')) {
    throw new PluginError('Cannot authenticate with "basic": the user name holds a colon', {
      category: 'config',
      field: '/config/auth/username',
    })
  }
  return Buffer.from(`${username}:${auth.password ?? ''}`).toString('base64')
}
