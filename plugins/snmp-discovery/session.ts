import type {User as LibraryUser, Session} from 'net-snmp'
import {type ConnectedSocket, connectSocket} from './connected-socket.ts'
import type {Credential, User} from './credentials.ts'
import {classifyError, DeviceFailure} from './failures.ts'
import {getAll, walkBelow} from './requests.ts'
import {formatTarget} from './targets.ts'
import type {Varbind} from './transforms.ts'

export interface Endpoint {
  address: string
  port: number
}
export interface SessionOptions {
  /** Wait for one answer, milliseconds. */
  timeoutMs: number
  /** Times a request is sent again. */
  retries: number
  /** Closes the session at once. */
  signal: AbortSignal
}

/** One device by one credential, on one socket. What fails is a DeviceFailure, or the signal's reason. */
export interface SnmpSession extends Disposable {
  /** By OID; what the agent does not have is missing. */
  get(oids: readonly string[]): Promise<Map<string, Varbind>>
  /** Everything below the OID, in order, until `visit` returns false. */
  walk(oid: string, visit: (varbind: Varbind) => boolean): Promise<void>
  close(): void
}

const AES = {aes: 'aes', aes256: 'aes256b', aes256c: 'aes256r'} as const

export async function openSession(
  endpoint: Endpoint,
  credential: Credential,
  options: SessionOptions,
): Promise<SnmpSession> {
  // Loaded at the first use: it is most of this plugin's code, and a process that waits needs none of it.
  const library = await import('net-snmp')
  const run = createRunner(endpoint, credential, options.signal)
  const socket = await run(() => connectSocket(endpoint, options))
  const session = createSession(library, socket, {endpoint, credential, options})
  session.on('error', error => socket.close(error))
  return {
    get: oids => run(() => getAll(library, session, oids), socket),
    walk: (oid, visit) => run(() => walkBelow(library, session, {oid, visit}), socket),
    close: () => socket.close(),
    [Symbol.dispose]: () => socket.close(),
  }
}

/** Runs one exchange after another, and tells from what came before why one fails. */
function createRunner(endpoint: Endpoint, credential: Credential, signal: AbortSignal) {
  const place = formatTarget(endpoint.address, endpoint.port)
  const privacy = credential.version === '3' && credential.user.level === 'authPriv'
  let served = 0
  return async <T>(ask: () => Promise<T>, socket?: ConnectedSocket): Promise<T> => {
    try {
      const answer = await Promise.race([ask(), ...(socket ? [socket.closed] : [])])
      if (socket) served++
      return answer
    } catch (error) {
      signal.throwIfAborted()
      const exchange = {privacy, received: socket?.received ?? 0, served}
      throw new DeviceFailure(classifyError(socket?.failure ?? error, exchange), place, {credential: credential.name})
    }
  }
}

/** The keys derived from passwords, kept by net-snmp by engine id for as long as the process lives: forgotten after each run. */
export async function forgetKeys(): Promise<void> {
  const {Authentication} = await import('net-snmp')
  Authentication.authToKeyCache = {}
}

type Library = typeof import('net-snmp')

function createSession(
  library: Library,
  {transport, dgramModule}: ConnectedSocket,
  {endpoint, credential, options}: {endpoint: Endpoint; credential: Credential; options: SessionOptions},
): Session {
  const version3 = credential.version === '3'
  const settings = {
    port: endpoint.port,
    transport,
    dgramModule,
    timeout: options.timeoutMs,
    retries: options.retries,
    version: version3 ? library.Version3 : library.Version2c,
    context: version3 ? credential.context : '',
    // An agent that goes round in circles ends the walk instead of feeding it for ever.
    backwardsGetNexts: false,
    idBitsSize: 32,
  }
  return version3
    ? library.createV3Session(endpoint.address, toLibraryUser(credential.user, library), settings)
    : library.createSession(endpoint.address, credential.community, settings)
}

function toLibraryUser(
  {name, level, authProtocol, authKey, privProtocol, privKey}: User,
  library: Library,
): LibraryUser {
  const auth = authProtocol && library.AuthProtocols[authProtocol]
  const priv = privProtocol && library.PrivProtocols[AES[privProtocol]]
  return {
    name,
    level: library.SecurityLevel[level] ?? 0,
    ...(auth && authKey && {authProtocol: auth, authKey}),
    ...(priv && privKey && {privProtocol: priv, privKey}),
  }
}
