import {createCipheriv, createDecipheriv, randomBytes} from 'node:crypto'

const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16
const FORMAT = 'v1'

/**
 * Encrypts text for one place. A data key of its own encrypts the text, the master key encrypts the data key, and both are
 * bound to the place: a sealed text moved elsewhere does not open.
 */
export function seal(masterKey: Uint8Array, place: string, text: string): string {
  const dataKey = randomBytes(KEY_BYTES)
  const parts = [encrypt(masterKey, place, dataKey), encrypt(dataKey, place, Buffer.from(text))]
  return [FORMAT, ...parts.map(part => part.toString('base64url'))].join('.')
}

/** True for a sealed text, false for any JSON. */
export function isSealed(text: string): boolean {
  return text.startsWith(`${FORMAT}.`)
}

/** Throws an Error when the key or the place is another one, or a single bit is. */
export function unseal(masterKey: Uint8Array, place: string, sealed: string): string {
  const {wrappedKey, body} = splitSealed(sealed)
  const dataKey = decrypt(masterKey, place, Buffer.from(wrappedKey, 'base64url'))
  return decrypt(dataKey, place, Buffer.from(body, 'base64url')).toString('utf8')
}

/** The same text under another master key; the text itself is not decrypted. Throws as `unseal` does. */
export function rewrap(keys: {from: Uint8Array; to: Uint8Array}, place: string, sealed: string): string {
  const {wrappedKey, body} = splitSealed(sealed)
  const dataKey = decrypt(keys.from, place, Buffer.from(wrappedKey, 'base64url'))
  return [FORMAT, encrypt(keys.to, place, dataKey).toString('base64url'), body].join('.')
}

function splitSealed(sealed: string): {wrappedKey: string; body: string} {
  const [format, wrappedKey, body, ...rest] = sealed.split('.')
  if (format !== FORMAT || !wrappedKey || !body || rest.length > 0) throw new Error('it is not a sealed text')
  return {wrappedKey, body}
}

function encrypt(key: Uint8Array, place: string, bytes: Uint8Array): Buffer {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, key, iv, {authTagLength: TAG_BYTES}).setAAD(Buffer.from(place))
  const body = Buffer.concat([cipher.update(bytes), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), body])
}

function decrypt(key: Uint8Array, place: string, sealed: Buffer): Buffer {
  if (sealed.length < IV_BYTES + TAG_BYTES) throw new Error('it is cut short')
  const iv = sealed.subarray(0, IV_BYTES)
  const decipher = createDecipheriv(CIPHER, key, iv, {authTagLength: TAG_BYTES}).setAAD(Buffer.from(place))
  decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
  return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()])
}
