/** Milliseconds that a Retry-After header asks to wait (RFC 9110: seconds or an HTTP date); undefined when it asks for nothing readable. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  // Only the forms of an HTTP date: Date.parse takes almost anything for one.
  if (!/^(mon|tue|wed|thu|fri|sat|sun)[a-z]*,? .*\d\d:\d\d:\d\d/i.test(text)) return undefined
  const at = Date.parse(/GMT|UTC/i.test(text) ? text : `${text} GMT`)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
