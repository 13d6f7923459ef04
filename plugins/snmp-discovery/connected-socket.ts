import {createSocket, type Socket} from 'node:dgram'
import {isIPv6} from 'node:net'

/** Datagrams of one device in one run; an agent that answers on and on without an end is cut off there. */
const MAX_DATAGRAMS = 10_000

/**
 * One UDP socket bound to its peer, so that "port unreachable" comes back as an error instead of a silence, and nobody
 * else's datagrams are read. net-snmp takes it in place of `node:dgram`.
 */
export class ConnectedSocket {
  readonly transport: 'udp4' | 'udp6'
  /** Rejects when it closes. Requests race it: net-snmp forgets the request whose answer makes it throw. */
  readonly closed: Promise<never>
  /** What net-snmp is handed; it makes the one socket. */
  readonly dgramModule = {createSocket: (): object => this.#adapt()}
  readonly #socket: Socket
  readonly #signal: AbortSignal
  readonly #closing = Promise.withResolvers<never>()
  #closedFor: {failure: unknown} | undefined
  #received = 0

  /** The signal closes it. */
  constructor(address: string, signal: AbortSignal) {
    this.transport = isIPv6(address.replace(/%.*$/, '')) ? 'udp6' : 'udp4'
    this.closed = this.#closing.promise
    this.closed.catch(() => {})
    this.#signal = signal
    this.#socket = createSocket(this.transport)
    this.#socket.on('error', this.close)
    signal.addEventListener('abort', this.#onAbort)
  }

  /** Datagrams so far. */
  get received(): number {
    return this.#received
  }

  /** Why it closed by itself. */
  get failure(): unknown {
    return this.#closedFor?.failure
  }

  connect(address: string, port: number): Promise<void> {
    const connected = new Promise<void>((resolve, reject) => {
      this.#socket.connect(port, address, (...[error]: unknown[]) => (error ? reject(error) : resolve()))
    })
    return Promise.race([connected, this.closed])
  }

  /** Ends every request at once. Idempotent. */
  readonly close = (failure?: unknown): void => {
    if (this.#closedFor) return
    this.#closedFor = {failure}
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#socket.close()
    this.#closing.reject(failure ?? new Error('The socket is closed'))
  }

  readonly #onAbort = (): void => this.close(this.#signal.reason)

  /** The part of a dgram socket that net-snmp uses. */
  #adapt(): object {
    const socket = this.#socket
    return {
      on: (event: string, listener: (data?: Uint8Array) => void): void => {
        if (event === 'close') socket.on('close', () => listener())
        // net-snmp emits an event named after the error, which nobody hears; ours is on the socket already.
        if (event === 'message') socket.on('message', data => this.#take(data, listener))
      },
      send(data: Uint8Array, offset: number, length: number, ...rest: unknown[]): void {
        socket.send(data, offset, length, rest.at(-1) as (error: Error | null) => void)
      },
      ref: () => socket.ref(),
      unref: () => socket.unref(),
      close: this.close,
    }
  }

  #take(data: Uint8Array, listener: (data: Uint8Array) => void): void {
    this.#received++
    try {
      if (this.#received > MAX_DATAGRAMS) throw new Error('There is no end to its answers')
      listener(data)
    } catch (error) {
      // A hostile answer makes the library throw here, where nothing else would catch it.
      this.close(error)
    }
  }
}

/** Rejects with what keeps it from connecting, or with the signal's reason. */
export async function connectSocket(
  {address, port}: {address: string; port: number},
  {signal}: {signal: AbortSignal},
): Promise<ConnectedSocket> {
  signal.throwIfAborted()
  const socket = new ConnectedSocket(address, signal)
  try {
    await socket.connect(address, port)
    return socket
  } catch (error) {
    socket.close(error)
    throw error
  }
}
