import http from 'node:http'
import https from 'node:https'
import type {AddressInfo} from 'node:net'
import type {FastifyServerFactory} from 'fastify'
import {type Clock, type Config, type Host, HostError, type HttpLog, systemClock} from './api.ts'
import {createApp} from './app.ts'
import {MAX_HEADERS} from './gate.ts'
import type {App} from './parts.ts'
import {readTlsKeys, watchTlsFiles} from './tls.ts'

export interface HttpServer {
  /** With the port that was taken; of this machine when it listens on all addresses. */
  url: string
  /**
   * Takes no new connection, ends streams and idle connections at once, lets running requests finish for `graceMs`
   * (default 5,000), then cuts them. Idempotent: the same promise each time.
   */
  close(options?: {graceMs?: number}): Promise<void>
}

type HttpConfig = Config['http']

const CLOSE_GRACE_MS = 5000
const IDLE_CHECK_MS = 50

/** Answers for the host on a socket until `close`, also while the host is stopping. Throws HOST_LISTEN_FAILED. */
export async function startHttp(
  host: Host,
  config: HttpConfig,
  log: HttpLog,
  {clock = systemClock}: {clock?: Clock} = {},
): Promise<HttpServer> {
  const closing = new AbortController()
  const serverFactory = createServerFactory(config)
  const app = await createApp({host, config, log, clock, serverFactory, closing: closing.signal})
  await listen(app, config)
  const endWatch = app.server instanceof https.Server ? watchTlsFiles(app.server, config, {log, clock}) : () => {}
  let closed: Promise<void> | undefined
  return {
    url: describeUrl(app.server.address() as AddressInfo, config),
    close: ({graceMs = CLOSE_GRACE_MS} = {}) => {
      closing.abort(new Error('the server closes'))
      endWatch()
      closed ??= closeApp(app, {clock, graceMs})
      return closed
    },
  }
}

function createServerFactory(config: HttpConfig): FastifyServerFactory {
  const limits = {
    headersTimeout: config.headerTimeoutMs,
    // The longest a body may take; JSON bodies have a shorter time of their own.
    requestTimeout: Math.max(config.uploadTimeoutMs, config.requestTimeoutMs),
    keepAliveTimeout: config.keepAliveMs,
    connectionsCheckingInterval: 2000,
    insecureHTTPParser: false,
    requireHostHeader: true,
  }
  return handler => {
    const server = usesTls(config)
      ? https.createServer({...limits, ...readTlsKeys(config), handshakeTimeout: config.headerTimeoutMs}, handler)
      : http.createServer(limits, handler)
    server.maxConnections = config.maxConnections
    // One more than allowed, so that one too many can be seen.
    server.maxHeadersCount = MAX_HEADERS + 1
    return server
  }
}

async function listen(app: App, {host, port}: HttpConfig): Promise<void> {
  try {
    await app.listen({host, port})
  } catch (cause) {
    await app.close()
    const {code, message} = cause as NodeJS.ErrnoException
    const reason = code === 'EADDRINUSE' ? 'another program listens there' : message
    throw new HostError('HOST_LISTEN_FAILED', {address: `${host}:${port}`, reason}, cause)
  }
}

function usesTls({tlsCert, tlsKey}: HttpConfig): boolean {
  return tlsCert !== '' || tlsKey !== ''
}

function describeUrl({address, port}: AddressInfo, config: HttpConfig): string {
  const name = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address
  return `${usesTls(config) ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}:${port}`
}

async function closeApp(app: App, {clock, graceMs}: {clock: Clock; graceMs: number}): Promise<void> {
  const {server} = app
  // Node closes the idle connections once; one whose answer is written later would stay for its keep-alive time.
  let cancelCheck = (): void => {}
  const closeIdle = (): void => {
    server.closeIdleConnections()
    cancelCheck = clock.after(IDLE_CHECK_MS, closeIdle)
  }
  const cancelCut = clock.after(graceMs, () => server.closeAllConnections())
  try {
    closeIdle()
    await app.close()
  } finally {
    cancelCheck()
    cancelCut()
  }
}
