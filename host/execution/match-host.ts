/** `permissions.net`: a name or address (with a port, when given, only that one), `*.suffix` for any name below it, `*` for any. */
export function isHostAllowed(url: URL, net: readonly string[]): boolean {
  const name = normalize(url.hostname)
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return net.some(entry => {
    const wanted = normalize(entry)
    if (wanted === '*') return true
    if (wanted.startsWith('*.')) return name.endsWith(wanted.slice(1)) && name.length > wanted.length - 1
    return wanted === name || wanted === `${name}:${port}` || wanted === `[${name}]:${port}`
  })
}

/** Lower case, no brackets around an IPv6 address, no dot at the end. */
function normalize(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}
