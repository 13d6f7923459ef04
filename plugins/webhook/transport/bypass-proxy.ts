import {BlockList, isIP} from 'node:net'
import {bareHost, portOf} from './peer.ts'

/** Whether the list of exceptions (host, .suffix, host:port, network, *) has the URL's host called without the proxy. */
export function bypassesProxy(url: URL, noProxy: readonly string[]): boolean {
  const host = bareHost(url)
  const port = String(portOf(url))
  return noProxy.some(entry => matches(entry.trim().toLowerCase(), host, port))
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '') return false
  if (entry === '*') return true
  const [, network = '', prefix] = /^([0-9a-f:.]+)\/(\d{1,3})$/.exec(entry) ?? []
  if (prefix !== undefined) return isInNetwork(host, network, Number(prefix))
  const [, name = entry, onlyPort] = (isIP(entry) ? null : /^(.+?):(\d{1,5})$/.exec(entry)) ?? []
  if (onlyPort !== undefined && onlyPort !== port) return false
  const wanted = name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '.')
  return wanted.startsWith('.') ? host.endsWith(wanted) || host === wanted.slice(1) : host === wanted
}

function isInNetwork(host: string, network: string, prefix: number): boolean {
  const family = isIP(network)
  if (family === 0 || isIP(host) !== family || prefix > (family === 6 ? 128 : 32)) return false
  const type = family === 6 ? 'ipv6' : 'ipv4'
  const list = new BlockList()
  list.addSubnet(network, prefix, type)
  return list.check(host, type)
}
