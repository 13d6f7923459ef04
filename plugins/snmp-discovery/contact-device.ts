import {setTimeout as delay} from 'node:timers/promises'
import type {Credential} from './credentials.ts'
import {DeviceFailure, type FailureCode} from './failures.ts'
import {type Endpoint, openSession, type SessionOptions, type SnmpSession} from './session.ts'
import {formatTarget} from './targets.ts'
import {convertValue} from './transforms.ts'

/** SNMPv2-MIB system: what every agent tells about itself. What it left empty is missing. */
export interface SystemGroup {
  description?: string
  objectId?: string
  uptimeSeconds?: number
  contact?: string
  name?: string
  location?: string
}

/** A device that accepted a credential, with the session still open: dispose of it. */
export interface Contact extends Disposable {
  endpoint: Endpoint
  credential: Credential
  session: SnmpSession
  system: SystemGroup
}

const SYSTEM = {
  description: '1.3.6.1.2.1.1.1.0',
  objectId: '1.3.6.1.2.1.1.2.0',
  uptimeSeconds: '1.3.6.1.2.1.1.3.0',
  contact: '1.3.6.1.2.1.1.4.0',
  name: '1.3.6.1.2.1.1.5.0',
  location: '1.3.6.1.2.1.1.6.0',
} as const

/** No other credential can do better. */
const FINAL: readonly FailureCode[] = ['SNMP_PORT_CLOSED', 'SNMP_NO_ROUTE']
/** Asks for nothing: an agent that is alive reports that it does not know this user. */
const STRANGER: Credential = {name: 'probe', version: '3', context: '', user: {name: 'probe', level: 'noAuthNoPriv'}}

/** Tries the credentials in their order; a DeviceFailure tells why none was accepted. */
export async function contactDevice(
  endpoint: Endpoint,
  credentials: readonly Credential[],
  options: SessionOptions,
): Promise<Contact> {
  const silentOnly = credentials.every(({version}) => version === '2c')
  using probe = silentOnly ? startProbe(endpoint, options) : undefined
  const failures: DeviceFailure[] = []
  for (const credential of credentials) {
    const outcome = await tryCredential(endpoint, credential, options)
    if (!(outcome instanceof DeviceFailure)) return outcome
    if (FINAL.includes(outcome.failure)) throw outcome
    failures.push(outcome)
  }
  const answered = failures.filter(failure => failure.answered)
  const telling = answered.find(({category}) => category === 'auth') ?? answered[0]
  if (telling) throw telling
  const alive = (await probe?.answered) ?? false
  options.signal.throwIfAborted()
  throw new DeviceFailure(
    alive ? 'SNMP_WRONG_COMMUNITY' : 'SNMP_NO_ANSWER',
    formatTarget(endpoint.address, endpoint.port),
  )
}

async function tryCredential(
  endpoint: Endpoint,
  credential: Credential,
  options: SessionOptions,
): Promise<Contact | DeviceFailure> {
  let session: SnmpSession | undefined
  try {
    session = await openSession(endpoint, credential, options)
    const system = await readSystem(session)
    return {endpoint, credential, session, system, [Symbol.dispose]: () => session?.close()}
  } catch (error) {
    session?.close()
    options.signal.throwIfAborted()
    if (error instanceof DeviceFailure) return error
    throw error
  }
}

async function readSystem(session: SnmpSession): Promise<SystemGroup> {
  const values = await session.get(Object.values(SYSTEM))
  const read = (oid: string): string | undefined => {
    const varbind = values.get(oid)
    const value = varbind && convertValue(varbind, ['trim'])
    return value === undefined ? undefined : String(value)
  }
  const ticks = values.get(SYSTEM.uptimeSeconds)?.value
  const {uptimeSeconds: _, ...texts} = SYSTEM
  const found = Object.entries(texts).flatMap(([name, oid]) => {
    const value = read(oid)
    return value === undefined ? [] : [[name, value] as const]
  })
  return {...Object.fromEntries(found), ...(typeof ticks === 'number' && {uptimeSeconds: Math.floor(ticks / 100)})}
}

/**
 * A v2c agent does not answer a wrong community, and so looks like no agent at all. One that also speaks v3 does answer
 * a v3 request for its engine id. It is asked only when the first wait was in vain, beside the retries, to cost no time.
 */
function startProbe(endpoint: Endpoint, options: SessionOptions): {answered: Promise<boolean>} & Disposable {
  const controller = new AbortController()
  const onAbort = (): void => controller.abort(options.signal.reason)
  options.signal.addEventListener('abort', onAbort)
  const {signal} = controller
  const answered = askStranger(endpoint, {...options, retries: Math.max(0, options.retries - 1), signal})
  return {
    answered,
    [Symbol.dispose]() {
      options.signal.removeEventListener('abort', onAbort)
      controller.abort()
    },
  }
}

async function askStranger(endpoint: Endpoint, options: SessionOptions): Promise<boolean> {
  try {
    await delay(options.timeoutMs, undefined, {signal: options.signal})
    using session = await openSession(endpoint, STRANGER, options)
    await session.get([SYSTEM.objectId])
    return true
  } catch (error) {
    return error instanceof DeviceFailure && error.answered
  }
}
