import {once} from 'node:events'
import {connect as connectTcp, isIP, type Socket} from 'node:net'
import {connect as connectTls, type TLSSocket} from 'node:tls'
import {openTunnel, type ProxyServer} from './open-tunnel.ts'
import {bareHost, portOf, showPeer} from './peer.ts'
import {type Phase, toTransportFailure} from './transport-failure.ts'
import type {Trust} from './trust.ts'

/** How to get to a URL. */
export interface Route {
  trust: Trust
  proxy: ProxyServer | undefined
  /** Whole way to a usable connection, milliseconds. */
  connectMs: number
  /** The configured system itself: it is shown the client certificate. */
  own: boolean
}

/** A connection that an HTTP request to the URL can be written to. Throws a TransportFailure. */
export async function openSocket(url: URL, route: Route, signal: AbortSignal): Promise<Socket> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(route.connectMs)])
  const {proxy} = route
  if (!proxy) {
    const socket = await openTcp(url, limit)
    return url.protocol === 'https:' ? openTls(socket, url, route, limit) : socket
  }
  const socket = await openProxy(proxy, route, limit)
  if (url.protocol !== 'https:') return socket
  return openTls(await openTunnel(socket, url, proxy, limit), url, route, limit)
}

/** A connection to the proxy itself, over TLS when its URL says so. */
export async function openProxy(proxy: ProxyServer, route: Route, signal: AbortSignal): Promise<Socket> {
  const socket = await openTcp(proxy.url, signal)
  return proxy.url.protocol === 'https:' ? openTls(socket, proxy.url, {...route, own: false}, signal) : socket
}

/** Resolves the host and connects to whichever of its addresses answers first. */
export async function openTcp(url: URL, signal: AbortSignal): Promise<Socket> {
  return settle(connectTcp({host: bareHost(url), port: portOf(url), noDelay: true}), 'connect', url, 'connect', signal)
}

/** TLS over a connection that stands, the certificate checked against the URL's host. */
export async function openTls(socket: Socket, url: URL, route: Route, signal: AbortSignal): Promise<TLSSocket> {
  const {own, trust} = route
  const host = (own && trust.serverName) || bareHost(url)
  const secure = connectTls({
    socket,
    host,
    ...(isIP(host) === 0 && {servername: host}),
    secureContext: own ? trust.own : trust.other,
    rejectUnauthorized: !trust.insecure,
    ALPNProtocols: ['http/1.1'],
  })
  return settle(secure, 'secureConnect', url, 'tls', signal)
}

async function settle<T extends Socket>(
  socket: T,
  event: string,
  url: URL,
  phase: Phase,
  signal: AbortSignal,
): Promise<T> {
  // What breaks later is told to whoever reads or writes then; without a listener it would end the process.
  socket.on('error', () => {})
  try {
    await once(socket, event, {signal})
    return socket
  } catch (error) {
    socket.destroy()
    throw toTransportFailure(error, phase, showPeer(url))
  }
}
