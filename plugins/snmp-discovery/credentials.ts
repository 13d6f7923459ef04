import {PluginError} from 'plugin-host/sdk'
import type {ConfigCredential} from './plugin.types.ts'

export type Credential =
  | {name: string; version: '2c'; community: string}
  | {name: string; version: '3'; context: string; user: User}

export interface User {
  name: string
  level: 'noAuthNoPriv' | 'authNoPriv' | 'authPriv'
  authProtocol?: ConfigCredential['authProtocol']
  authKey?: string
  privProtocol?: ConfigCredential['privProtocol']
  privKey?: string
}

/** What agents come with. Not a default of the configuration, as it would count as a secret there and be blanked wherever it occurs. */
const DEFAULT_COMMUNITY = 'public'

/** The configured credentials, or those named, in the order they are tried. Throws a PluginError with the field at fault. */
export function selectCredentials(configured: readonly ConfigCredential[], names?: readonly string[]): Credential[] {
  const all = configured.map(parseCredential)
  for (const [index, {name}] of all.entries()) {
    if (all.findIndex(other => other.name === name) !== index)
      throw refuse(index, 'name', `there are two called "${name}"`)
  }
  if (!names || names.length === 0) return all
  return [...new Set(names)].map(name => {
    const found = all.find(credential => credential.name === name)
    if (found) return found
    throw new PluginError(`Cannot use credential "${name}": there is none of that name`, {
      category: 'input',
      code: 'CREDENTIAL_UNKNOWN',
      field: '/credentials',
      hint: `Name one of: ${all.map(credential => credential.name).join(', ')}`,
    })
  })
}

/** What is weak about it, for the log; undefined when nothing is. */
export function findWeakness({name, authKey, authProtocol}: ConfigCredential): string | undefined {
  return authKey && authProtocol === 'md5' ? `Credential "${name}" uses md5, which can be broken` : undefined
}

function parseCredential(entry: ConfigCredential, index: number): Credential {
  const {name, version, community, user, authKey, privKey, authProtocol, privProtocol, context = ''} = entry
  if (version === '2c') return {name, version, community: community ?? DEFAULT_COMMUNITY}
  if (!user) throw refuse(index, 'user', `"${name}" has no user`)
  // SNMP v3 has no encryption without authentication.
  if (privKey && !authKey) throw refuse(index, 'authKey', `"${name}" encrypts but does not authenticate`)
  if (!authKey) return {name, version, context, user: {name: user, level: 'noAuthNoPriv'}}
  const auth = {name: user, authProtocol, authKey}
  if (!privKey) return {name, version, context, user: {...auth, level: 'authNoPriv'}}
  return {name, version, context, user: {...auth, level: 'authPriv', privProtocol, privKey}}
}

function refuse(index: number, field: string, state: string): PluginError {
  return new PluginError(`Cannot use credential ${index + 1}: ${state}`, {
    category: 'config',
    code: 'CREDENTIAL_INVALID',
    field: `/credentials/${index}/${field}`,
    hint: 'Correct it in the configuration',
  })
}
