import {request as startRequest} from 'node:http'
import type {Socket} from 'node:net'
import {showPeer} from './peer.ts'
import {TransportFailure, toTransportFailure} from './transport-failure.ts'

export interface ProxyServer {
  url: URL
  /** Value of Proxy-Authorization. */
  authorization: string | undefined
}

/** Asks the proxy, over a connection to it, for one to the URL's host (CONNECT). Throws a TransportFailure. */
export async function openTunnel(socket: Socket, url: URL, proxy: ProxyServer, signal: AbortSignal): Promise<Socket> {
  // Not the request's own `signal`: that one would cut the tunnel when it fires later on.
  const onAbort = (): void => void socket.destroy(signal.reason)
  signal.addEventListener('abort', onAbort, {once: true})
  try {
    signal.throwIfAborted()
    return await requestTunnel(socket, showPeer(url), proxy)
  } catch (error) {
    socket.destroy()
    throw toTransportFailure(signal.aborted ? signal.reason : error, 'proxy', showPeer(proxy.url))
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function requestTunnel(socket: Socket, target: string, {url, authorization}: ProxyServer): Promise<Socket> {
  const headers = {host: target, ...(authorization && {'proxy-authorization': authorization})}
  return new Promise((resolve, reject) => {
    const refuse = (status = 0): void => reject(new TransportFailure('proxy', showPeer(url), String(status)))
    startRequest({method: 'CONNECT', path: target, headers, createConnection: () => socket})
      .once('connect', ({statusCode = 0}, tunnel: Socket, head) => {
        if (statusCode < 200 || statusCode > 299) return refuse(statusCode)
        if (head.length > 0) tunnel.unshift(head)
        resolve(tunnel)
      })
      .once('response', ({statusCode}) => refuse(statusCode))
      .on('error', reject)
      .once('close', () => reject(new TransportFailure('proxy', showPeer(url), 'ECONNRESET')))
      .end()
  })
}
