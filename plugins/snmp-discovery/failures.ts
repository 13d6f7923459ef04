import {PluginError} from 'plugin-host/sdk'
import type {DiscoverOutputProblem} from './plugin.types.ts'

type Category = DiscoverOutputProblem['category']
type Row = readonly [category: Category, answered: boolean, state: string, hint: string]

/** Every way in which a device cannot be read. `answered`: something of SNMP came back from it. */
const FAILURES = {
  NAME_UNKNOWN: ['input', false, 'no such name', 'Correct the name, or look at the name server'],
  NAME_UNRESOLVED: ['network', false, 'the name server does not answer', 'Try again, or look at the name server'],
  SNMP_PORT_CLOSED: [
    'network',
    false,
    'the host is there, but nothing listens on this port',
    'Start the agent, or correct the port',
  ],
  SNMP_NO_ROUTE: ['network', false, 'there is no way to it', 'Look at routes and firewalls between'],
  SNMP_NO_ANSWER: [
    'network',
    false,
    'no answer',
    'It is switched off, a firewall is between, or (with v2c alone) the community is wrong: an agent does not answer then',
  ],
  SNMP_WRONG_COMMUNITY: [
    'auth',
    true,
    'the agent answers SNMP but not this community',
    'Correct the community of the credential',
  ],
  SNMP_UNKNOWN_USER: ['auth', true, 'the agent does not know this user', 'Correct the user name of the credential'],
  SNMP_WRONG_AUTH_KEY: [
    'auth',
    true,
    'the agent refuses the authentication password',
    'Correct the authentication password or its protocol (sha, sha256, ...)',
  ],
  SNMP_WRONG_PRIV_KEY: [
    'auth',
    true,
    'the agent answers SNMP v3 but not what this user encrypts',
    'Correct the encryption password or its protocol (aes, aes256, ...)',
  ],
  SNMP_SECURITY_LEVEL: [
    'auth',
    true,
    'the agent does not offer this user that security level',
    'Give the credential the passwords the agent asks for, or leave out those it does not know',
  ],
  SNMP_NOT_ALLOWED: [
    'auth',
    true,
    'the agent knows the credential but does not let it read',
    'Give the user read access on the agent, with both passwords where it asks for encryption',
  ],
  SNMP_CLOCK: ['unavailable', true, 'its engine time does not agree with its own answers', 'Restart the agent'],
  SNMP_STOPPED: ['unavailable', true, 'it answered and then stopped answering', 'Try again with a longer timeout'],
  SNMP_BAD_ANSWER: ['unavailable', true, 'what it answers is not right SNMP', 'Look at what listens on this port'],
  DEVICE_TOO_SLOW: ['unavailable', true, 'it took longer than the time per device', 'Raise the time per device'],
} as const satisfies {[code: string]: Row}

export type FailureCode = keyof typeof FAILURES

/** A device that cannot be read. `credential` is the name of the one it is about. */
export class DeviceFailure extends PluginError {
  readonly failure: FailureCode
  readonly answered: boolean

  constructor(failure: FailureCode, place: string, {credential, cause}: {credential?: string; cause?: unknown} = {}) {
    const [category, answered, state, hint] = FAILURES[failure]
    const about = category === 'auth' && credential !== undefined ? ` (credential "${credential}")` : ''
    super(`Cannot read "${place}": ${state}${about}`, {category, code: failure, hint, cause})
    this.failure = failure
    this.answered = answered
  }
}

export function toProblem(error: DeviceFailure, address: string): DiscoverOutputProblem {
  const [category, , , hint] = FAILURES[error.failure]
  return {address, code: error.failure, category, message: error.message, hint}
}

/** What is known about the exchange in which a request failed. */
export interface Exchange {
  /** Encrypting user. */
  privacy: boolean
  /** Datagrams that came back. */
  received: number
  /** Requests answered in full. */
  served: number
}

/** RFC 3414: what an agent reports instead of an answer, as net-snmp words it. */
const REPORTS: readonly (readonly [start: string, code: FailureCode])[] = [
  ['Unknown User Name', 'SNMP_UNKNOWN_USER'],
  ['Wrong Digest', 'SNMP_WRONG_AUTH_KEY'],
  ['Decryption Error', 'SNMP_WRONG_PRIV_KEY'],
  ['Unsupported Security Level', 'SNMP_SECURITY_LEVEL'],
  ['Not In Time Window', 'SNMP_CLOCK'],
]
const NO_ROUTE = ['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL', 'EACCES', 'EPERM', 'EINVAL']
/** noAccess and authorizationError. */
const NOT_ALLOWED = [6, 16]

/** Only name, code and status of the library's errors are looked at: some carry the community or the keys. */
export function classifyError(error: unknown, {privacy, received, served}: Exchange): FailureCode {
  const {name, code, status, message = ''} = error as {name?: string; code?: unknown; status?: number; message?: string}
  if (code === 'ECONNREFUSED') return 'SNMP_PORT_CLOSED'
  if (typeof code === 'string' && NO_ROUTE.includes(code)) return 'SNMP_NO_ROUTE'
  if (name === 'RequestTimedOutError')
    return received === 0 ? 'SNMP_NO_ANSWER' : served === 0 && privacy ? 'SNMP_WRONG_PRIV_KEY' : 'SNMP_STOPPED'
  if (name === 'RequestFailedError' && NOT_ALLOWED.includes(status ?? 0)) return 'SNMP_NOT_ALLOWED'
  const report = name === 'ResponseInvalidError' ? REPORTS.find(([start]) => message.startsWith(start)) : undefined
  return report?.[1] ?? 'SNMP_BAD_ANSWER'
}
