/** The texts a secret may turn up as: itself, and the ways it commonly travels in. Each at least 6 characters. */
export function encodeVariants(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const url = encodeURIComponent(toWellFormed(secret))
  const form = new URLSearchParams({s: secret}).toString().slice(2)
  const hex = bytes.toString('hex')
  const quoted = [escapeJson(secret), escapeJson(escapeJson(secret)), escapeAscii(escapeJson(secret))]
  const encoded = [url, form, ...[url, form].map(lowerEscapes), hex, hex.toUpperCase()]
  return [secret, ...quoted, ...encoded, ...base64Variants(bytes)].filter(text => text.length >= 6)
}

/**
 * Base64 of the secret alone, and of the secret inside something longer (`user:password` of Basic authentication): there it
 * starts at one of three offsets, and the characters it shares with its neighbours are left out.
 */
function base64Variants(bytes: Uint8Array): string[] {
  const variants = [0, 1, 2].flatMap(offset => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes])
    const first = Math.ceil((offset * 8) / 6)
    const last = Math.floor((padded.length * 8) / 6)
    return [padded.toString('base64').slice(first, last), padded.toString('base64url').slice(first, last)]
  })
  // The whole ones too: they are longer, so nothing of their end stays behind.
  return [...variants, Buffer.from(bytes).toString('base64'), Buffer.from(bytes).toString('base64url')]
}

function escapeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** As writers do that keep JSON in ASCII. */
function escapeAscii(text: string): string {
  return text.replaceAll(/[\u0080-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function lowerEscapes(text: string): string {
  return text.replaceAll(/%[0-9A-F]{2}/g, code => code.toLowerCase())
}

/** A lone surrogate has no URL encoding. */
function toWellFormed(text: string): string {
  return text.toWellFormed()
}
