import {readFileSync} from 'node:fs'
import type {Config} from '../../config.ts'
import {HostError} from '../../errors.ts'

/** How the host proves who it is. */
export type Credentials =
  | {kind: 'apiKey'; apiKey: string}
  | {kind: 'password'; username: string; password: string; clientId: string; clientSecret: string}

export interface RestAccess {
  /** Without a slash at its end. */
  url: string
  credentials: Credentials
  /** PEM. */
  ca: string | undefined
}

/** The settings with the secrets read from their files. Throws HOST_CONFIG_INVALID, which tells names and never values. */
export function readAccess(settings: Config['mainServer']): RestAccess {
  return {
    url: parseAddress(settings.url),
    credentials: readCredentials(settings),
    ca: settings.ca === '' ? undefined : readText('ca', settings.ca),
  }
}

function parseAddress(text: string): string {
  const url = URL.parse(text)
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw refuse('mainServer.url must be the http or https address of the main server')
  }
  if (url.username || url.password) throw refuse('mainServer.url must hold no credentials')
  if (url.search || url.hash) throw refuse('mainServer.url must end with its path')
  return url.href.replace(/\/+$/, '')
}

function readCredentials(settings: Config['mainServer']): Credentials {
  const apiKey = readSecret('apiKey', settings.apiKey, settings.apiKeyFile)
  if (apiKey !== '') return {kind: 'apiKey', apiKey}
  const {username, clientId} = settings
  const password = readSecret('password', settings.password, settings.passwordFile)
  const clientSecret = readSecret('clientSecret', settings.clientSecret, settings.clientSecretFile)
  const missing = Object.entries({username, password, clientId, clientSecret}).filter(([, value]) => value === '')
  if (missing.length === 0) return {kind: 'password', username, password, clientId, clientSecret}
  const names = missing.map(([name]) => `mainServer.${name}`).join(', ')
  throw refuse(`mainServer.kind is rest, and there is neither mainServer.apiKey nor ${names}`)
}

function readSecret(name: string, value: string, file: string): string {
  if (value !== '' && file !== '') throw refuse(`mainServer.${name} and mainServer.${name}File are both given`)
  // Editors end a file with a line end, no secret does.
  const secret = file === '' ? value : readText(`${name}File`, file).replace(/\r?\n$/, '')
  if (/[\r\n\0]/.test(secret)) throw refuse(`mainServer.${name} has several lines`)
  return secret
}

function readText(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw refuse(`mainServer.${name} "${file}" cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}

function refuse(reason: string): HostError {
  return new HostError('HOST_CONFIG_INVALID', {reason})
}
