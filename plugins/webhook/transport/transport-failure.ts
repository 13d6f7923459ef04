/** How far a request had come. From `send` on the other system may have acted on it. */
export type Phase = 'dns' | 'connect' | 'proxy' | 'tls' | 'send' | 'answer'

/** A request that got no whole answer. Never holds a secret: host and port are all it tells of the URL. */
export class TransportFailure extends Error {
  override readonly name = 'TransportFailure'
  readonly phase: Phase
  /** `host:port` it was speaking to. */
  readonly peer: string
  /** Node's or OpenSSL's code, or a status of the proxy. */
  readonly code: string

  constructor(phase: Phase, peer: string, code: string, cause?: unknown) {
    super(`${phase} ${peer}: ${code}`, {cause})
    this.phase = phase
    this.peer = peer
    this.code = code
  }

  get sent(): boolean {
    return this.phase === 'send' || this.phase === 'answer'
  }
}

/** Any error of a socket or stream as a TransportFailure of that phase; one already told stays as it is. */
export function toTransportFailure(error: unknown, phase: Phase, peer: string): TransportFailure {
  if (error instanceof TransportFailure) return error
  const {code, syscall, name} = Object(error) as NodeJS.ErrnoException
  const told = typeof code === 'string' && code !== 'ABORT_ERR' ? code : isTimeUp(name) ? 'TIMEOUT' : 'ECONNRESET'
  return new TransportFailure(syscall === 'getaddrinfo' ? 'dns' : phase, peer, told, error)
}

function isTimeUp(name: string): boolean {
  return name === 'AbortError' || name === 'TimeoutError'
}
