import {createSocket, type Socket} from 'node:dgram'
import {isIPv6} from 'node:net'

/**
 * One UDP socket bound to its peer, so that "port unreachable" comes back as an error instead of a silence, and nobody
 * else's datagrams are read. net-snmp takes it in place of `node:dgram`.
 */
export interface ConnectedSocket {
  /** What net-snmp is handed; it makes the one socket. */
  readonly dgramModule: {createSocket(): object}
  readonly transport: 'udp4' | 'udp6'
  /** Datagrams so far. */
  readonly received: number
  /** Why it closed by itself. */
  readonly failure: unknown
  /** Rejects when it closes. Requests race it: net-snmp forgets the request whose answer makes it throw. */
  readonly closed: Promise<never>
  /** Ends every request at once. Idempotent. */
  close(failure?: unknown): void
}

/** Datagrams of one device in one run; an agent that answers on and on without an end is cut off there. */
const MAX_DATAGRAMS = 10_000

/** Rejects with the signal's reason; afterwards the signal closes the socket. */
export async function connectSocket(
  {address, port}: {address: string; port: number},
  {signal}: {signal: AbortSignal},
): Promise<ConnectedSocket> {
  signal.throwIfAborted()
  const transport = isIPv6(address.replace(/%.*$/, '')) ? 'udp6' : 'udp4'
  const socket = createSocket(transport)
  const state = {received: 0, failure: undefined as unknown, closed: false}
  const closing = Promise.withResolvers<never>()
  closing.promise.catch(() => {})
  function close(failure?: unknown): void {
    if (state.closed) return
    state.closed = true
    state.failure = failure
    signal.removeEventListener('abort', onAbort)
    socket.close()
    closing.reject(failure ?? new Error('The socket is closed'))
  }
  const onAbort = (): void => close(signal.reason)
  signal.addEventListener('abort', onAbort)
  socket.on('error', close)
  await connect(socket, {address, port}).catch(error => {
    close(error)
    throw state.failure
  })
  signal.throwIfAborted()
  const countDatagram = (): void => {
    if (++state.received > MAX_DATAGRAMS) throw new Error('There is no end to its answers')
  }
  return {
    transport,
    close,
    closed: closing.promise,
    dgramModule: {createSocket: () => adaptSocket(socket, countDatagram, close)},
    get received() {
      return state.received
    },
    get failure() {
      return state.failure
    },
  }
}

function connect(socket: Socket, {address, port}: {address: string; port: number}): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('close', () => reject(new Error('The socket was closed')))
    socket.connect(port, address, (...[error]: unknown[]) => (error ? reject(error) : resolve()))
  })
}

/** The part of a dgram socket that net-snmp uses. */
function adaptSocket(socket: Socket, onDatagram: () => void, close: (failure: unknown) => void): object {
  return {
    on(event: string, listener: (data: Uint8Array) => void): void {
      if (event === 'close') socket.on('close', listener)
      // net-snmp emits an event named after the error, which nobody hears; ours is on the socket already.
      if (event !== 'message') return
      socket.on('message', data => {
        try {
          onDatagram()
          listener(data)
        } catch (error) {
          // A hostile answer makes the library throw here, where nothing else would catch it.
          close(error)
        }
      })
    },
    send(data: Uint8Array, offset: number, length: number, ...rest: unknown[]): void {
      socket.send(data, offset, length, rest.at(-1) as (error: Error | null) => void)
    },
    ref: () => socket.ref(),
    unref: () => socket.unref(),
    close,
  }
}
