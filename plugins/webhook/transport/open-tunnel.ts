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
export function openTunnel(socket: Socket, url: URL, proxy: ProxyServer, signal: AbortSignal): Promise<Socket> {
  const target = showPeer(url)
  const headers = {host: target, ...(proxy.authorization && {'proxy-authorization': proxy.authorization})}
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      socket.destroy()
      reject(toTransportFailure(error, 'proxy', showPeer(proxy.url)))
    }
    const refuse = (status: number | undefined): void =>
      fail(new TransportFailure('proxy', showPeer(proxy.url), String(status)))
    startRequest({method: 'CONNECT', path: target, headers, createConnection: () => socket, signal})
      .once('connect', ({statusCode = 0}, tunnel: Socket, head) => {
        if (statusCode < 200 || statusCode > 299) return refuse(statusCode)
        if (head.length > 0) tunnel.unshift(head)
        resolve(tunnel)
      })
      .once('response', ({statusCode}) => refuse(statusCode))
      .on('error', fail)
      .once('close', () => fail(undefined))
      .end()
  })
}
