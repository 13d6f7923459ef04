/** The URL's host as sockets take it: an IPv6 address without brackets. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
}

/** `host:port`, for people. */
export function showPeer(url: URL): string {
  return `${url.hostname}:${portOf(url)}`
}

/** The URL's port, or the one of its scheme. */
export function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
}
