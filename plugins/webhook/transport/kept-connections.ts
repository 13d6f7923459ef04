import {Agent, type ClientRequestArgs} from 'node:http'
import {Socket} from 'node:net'
import type {Duplex} from 'node:stream'

/** Shorter than the idle limit of common servers, so that they do not close a connection as it is used again. */
const IDLE_MS = 4000
const MAX_IDLE = 4

/** Connections to one origin that are used again; only for requests that may be repeated, as a kept one can be stale. */
export class KeptConnections extends Agent {
  readonly #open: () => Promise<Socket>

  constructor(open: () => Promise<Socket>) {
    super({keepAlive: true, maxFreeSockets: MAX_IDLE, timeout: IDLE_MS})
    this.#open = open
  }

  override createConnection(
    _options: ClientRequestArgs,
    done?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    this.#open().then(
      socket => done?.(null, socket),
      // The types want a stream with an error too; nobody looks at it.
      (error: Error) => done?.(error, new Socket()),
    )
    return undefined
  }
}
