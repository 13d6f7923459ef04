import {X509Certificate} from 'node:crypto'
import {createSecureContext, getCACertificates, type SecureContext} from 'node:tls'
import {PluginError} from 'plugin-host/sdk'
import type {Types} from '../plugin.types.ts'

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** Whom to trust, and how to show who we are; made on first use as reading the authorities takes milliseconds. */
export interface Trust {
  /** For the configured system: with the client certificate. */
  readonly own: SecureContext
  /** For anyone else: without it. */
  readonly other: SecureContext
  readonly insecure: boolean
  /** Only for the configured system. */
  readonly serverName: string | undefined
}

/** Throws a PluginError of category `config`, now or on first use. */
export function createTrust(tls: Types['config']['tls']): Trust {
  const {cert, key, passphrase} = tls
  const ca = tls.ca === undefined || tls.ca.trim() === '' ? undefined : readAuthorities(tls.ca)
  const trusted = ca && {ca: [...getCACertificates('default'), ...ca]}
  let own: SecureContext | undefined
  let other: SecureContext | undefined
  return {
    get own() {
      own ??=
        cert || key
          ? openIdentity({...trusted, ...(cert && {cert}), ...(key && {key}), ...(passphrase && {passphrase})})
          : this.other
      return own
    },
    get other() {
      other ??= createSecureContext(trusted)
      return other
    },
    insecure: tls.insecure,
    serverName: tls.serverName || undefined,
  }
}

/** OpenSSL passes silently over what it cannot read, so each one is read here. */
function readAuthorities(pem: string): string[] {
  const blocks = pem.match(BLOCK) ?? []
  try {
    if (blocks.length === 0) throw new Error('no certificate in it')
    for (const block of blocks) new X509Certificate(block)
    return blocks
  } catch (error) {
    throw new PluginError('Cannot read the own CA: it is no certificate in PEM form', {
      category: 'config',
      field: '/config/tls/ca',
      hint: 'Paste the text from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----',
      cause: error,
    })
  }
}

function openIdentity(options: {cert?: string; key?: string; passphrase?: string; ca?: string[]}): SecureContext {
  const refuse = (message: string, field: string, hint: string, cause?: unknown): PluginError =>
    new PluginError(message, {category: 'config', field, hint, cause})
  if (!options.cert)
    throw refuse('Cannot use the client certificate: there is only its key', '/config/tls/cert', 'Add it')
  if (!options.key) throw refuse('Cannot use the client certificate: its key is missing', '/config/tls/key', 'Add it')
  try {
    return createSecureContext(options)
  } catch (error) {
    const hint = 'Both are PEM, the key belongs to the certificate, and an encrypted key needs its passphrase'
    throw refuse(
      'Cannot use the client certificate: it and its key cannot be read together',
      '/config/tls/key',
      hint,
      error,
    )
  }
}
