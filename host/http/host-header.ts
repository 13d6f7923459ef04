const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** True for an address that only this machine can reach. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(?:\.\d{1,3}){3}$/.test(address)
}

/**
 * Which Host headers are answered. A page of any site can point its own name at 127.0.0.1 (DNS rebinding) and would
 * then be "the same origin": so on loopback only the names of loopback count, with any port. Bound to anything else,
 * the names are not ours to know, and every header passes.
 */
export function matchHostHeader(boundTo: string): (header: string | undefined) => boolean {
  if (!isLoopback(boundTo)) return () => true
  const names = new Set([...LOOPBACK, boundTo.includes(':') ? `[${boundTo}]` : boundTo])
  let last: string | undefined
  return header => {
    if (header === undefined) return false
    if (header === last) return true
    const name = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/.exec(header)?.[1]?.toLowerCase()
    if (name === undefined || !names.has(name)) return false
    last = header
    return true
  }
}
