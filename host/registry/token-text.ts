import {hash, randomBytes} from 'node:crypto'
import {crc32} from 'node:zlib'

const TOKEN = /^(fph_([a-z0-9]{1,32})_([A-Za-z0-9_-]{43}))(?:_([0-9a-f]{8}))?$/
const ID_BYTES = 6
const SECRET_BYTES = 32

/** A bearer token: `fph_<id>_<secret>_<checksum>`. The checksum tells a typing error, and helps scanners to find a token that got out. */
export interface TokenText {
  id: string
  secret: string
  /** The whole of it. */
  text: string
}

export function createTokenText(): TokenText {
  const id = randomBytes(ID_BYTES).toString('hex')
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  const body = `fph_${id}_${secret}`
  return {id, secret, text: `${body}_${checksum(body)}`}
}

/** undefined for what is no token. One without a checksum is of an older release, and as good. */
export function parseToken(text: string): TokenText | undefined {
  const [, body, id, secret, sum] = TOKEN.exec(text) ?? []
  if (body === undefined || id === undefined || secret === undefined) return undefined
  return sum === undefined || sum === checksum(body) ? {id, secret, text} : undefined
}

/** What is stored of a secret. It has 256 random bits, so it needs no salt and no slow hash. */
export function hashSecret(secret: string): Buffer {
  return hash('sha256', secret, 'buffer')
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, '0')
}
