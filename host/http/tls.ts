import {X509Certificate} from 'node:crypto'
import {readFileSync, statSync} from 'node:fs'
import type {Server} from 'node:https'
import {createSecureContext} from 'node:tls'
import {type Clock, type Config, HostError, type HttpLog} from './api.ts'

export interface TlsKeys {
  cert: Buffer
  key: Buffer
  minVersion: 'TLSv1.2'
}

type TlsFiles = Pick<Config['http'], 'tlsCert' | 'tlsKey'>

/** How often the files are looked at for a renewed certificate, milliseconds. */
export const TLS_CHECK_MS = 10_000

/** Reads certificate and key, and requires that they belong together. Throws HOST_CONFIG_INVALID. */
export function readTlsKeys({tlsCert, tlsKey}: TlsFiles): TlsKeys {
  try {
    if (!tlsCert || !tlsKey) throw new Error(`${tlsCert ? 'http.tlsKey' : 'http.tlsCert'} is missing`)
    const keys: TlsKeys = {cert: readFileSync(tlsCert), key: readFileSync(tlsKey), minVersion: 'TLSv1.2'}
    // Throws when they do not belong together, or are none.
    createSecureContext(keys)
    return keys
  } catch (cause) {
    throw new HostError(
      'HOST_CONFIG_INVALID',
      {reason: `http.tlsCert and http.tlsKey: ${(cause as Error).message}`},
      cause,
    )
  }
}

/**
 * Puts a renewed certificate into use for new connections, without a restart; one that does not fit is left aside and told. Also
 * tells of a key that others may read, and of a certificate that has expired. The function returned ends it.
 */
export function watchTlsFiles(server: Server, files: TlsFiles, {log, clock}: {log: HttpLog; clock: Clock}): () => void {
  let known = readMark(files)
  let cancel = (): void => {}

  function use(renew: (keys: TlsKeys) => void): void {
    try {
      const keys = readTlsKeys(files)
      renew(keys)
      warnOfDoubts(keys, files, {log, clock})
    } catch (error) {
      log.error({err: error}, 'Cannot use the renewed certificate: the one before stays in use')
    }
  }

  function check(): void {
    cancel = clock.after(TLS_CHECK_MS, check)
    const found = readMark(files)
    if (found === known) return
    known = found
    use(keys => {
      server.setSecureContext(keys)
      log.info(describeCertificate(keys), 'The certificate was renewed')
    })
  }

  use(() => {})
  cancel = clock.after(TLS_CHECK_MS, check)
  return () => cancel()
}

function warnOfDoubts(keys: TlsKeys, {tlsKey}: TlsFiles, {log, clock}: {log: HttpLog; clock: Clock}): void {
  const {validTo} = new X509Certificate(keys.cert)
  if (Date.parse(validTo) < clock.now()) log.warn({validTo}, 'The certificate has expired')
  if (process.platform === 'win32' || (statSync(tlsKey).mode & 0o077) === 0) return
  log.warn({path: tlsKey}, 'Others than its owner may use the private key: run chmod 600 on it')
}

function describeCertificate({cert}: TlsKeys): object {
  const {subject, validTo, fingerprint256} = new X509Certificate(cert)
  return {subject, validTo, fingerprint256}
}

/** Tells one state of the files from another, also when a link to them is changed; a file that is gone is a state, too. */
function readMark({tlsCert, tlsKey}: TlsFiles): string {
  return [tlsCert, tlsKey]
    .map(path => statSync(path, {throwIfNoEntry: false}))
    .map(stat => (stat ? [stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs].join(' ') : 'none'))
    .join(', ')
}
