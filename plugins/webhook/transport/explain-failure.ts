import {PluginError} from 'plugin-host/sdk'
import type {Phase, TransportFailure} from './transport-failure.ts'

interface Words {
  state: string
  hint: string
}

const OWN_CA = 'If it is right so, put the certificate of its authority into the configuration (tls.ca)'
const CERTIFICATES: {[code: string]: Words} = {
  DEPTH_ZERO_SELF_SIGNED_CERT: {state: 'its certificate is self-signed', hint: OWN_CA},
  SELF_SIGNED_CERT_IN_CHAIN: {state: 'its certificate comes from an unknown, self-signed authority', hint: OWN_CA},
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {state: 'its certificate comes from an unknown authority', hint: OWN_CA},
  UNABLE_TO_GET_ISSUER_CERT: {state: 'its certificate comes from an unknown authority', hint: OWN_CA},
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: {state: 'its certificate comes from an unknown authority', hint: OWN_CA},
  CERT_HAS_EXPIRED: {state: 'its certificate has expired', hint: 'Renew the certificate there'},
  CERT_NOT_YET_VALID: {state: 'its certificate is not valid yet', hint: 'Check the clocks of both machines'},
  CERT_REVOKED: {state: 'its certificate was revoked', hint: 'Renew the certificate there'},
  ERR_TLS_CERT_ALTNAME_INVALID: {
    state: 'its certificate is for another name',
    hint: 'Call it by a name of the certificate, or set that name as tls.serverName',
  },
  ERR_SSL_WRONG_VERSION_NUMBER: {state: 'it does not speak TLS there', hint: 'Use http://, or the port for https'},
  ERR_SSL_PACKET_LENGTH_TOO_LONG: {state: 'it does not speak TLS there', hint: 'Use http://, or the port for https'},
  ERR_SSL_UNSUPPORTED_PROTOCOL: {state: 'it speaks only an outdated TLS', hint: 'Enable TLS 1.2 or later there'},
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: {
    state: 'it speaks only an outdated TLS',
    hint: 'Enable TLS 1.2 or later there',
  },
}
const CLIENT_CERTIFICATE: Words = {
  state: 'it refused the TLS connection (probably our client certificate)',
  hint: 'Set the client certificate and key it expects (tls.cert, tls.key)',
}
const CODES: {[code: string]: Words} = {
  ECONNREFUSED: {state: 'nothing listens there', hint: 'Check host and port, and that the system is running'},
  ENOTFOUND: {state: 'its name is not known', hint: 'Check the host name, and the DNS of the plugin server'},
  EAI_AGAIN: {state: 'its name cannot be looked up now', hint: 'Check the DNS of the plugin server'},
  EHOSTUNREACH: {state: 'there is no way to that host', hint: 'Check network and firewall'},
  ENETUNREACH: {state: 'there is no way to that network', hint: 'Check network and firewall'},
  ETIMEDOUT: {state: 'it did not answer the connection in time', hint: 'Check host, port and firewall'},
  ECONNRESET: {state: 'it cut the connection', hint: 'Check its log, and firewalls between'},
  EPIPE: {state: 'it cut the connection', hint: 'Check its log, and firewalls between'},
}
const CUT_SHORT: Words = {state: 'it broke off in the middle of its answer', hint: 'Check its log'}
const UNREADABLE: Words = {state: 'its answer is not readable', hint: 'Check that an HTTP server is at that port'}

export interface Circumstances {
  /** The request may be repeated without harm. */
  repeatable: boolean
  /** A time limit ended it. */
  timedOut: boolean
  /** An earlier request of the same attempt arrived. */
  sentBefore?: boolean
}

/** The PluginError for a request that got no whole answer. */
export function explainFailure(failure: TransportFailure, circumstances: Circumstances): PluginError {
  const {phase, peer, code} = failure
  const {repeatable, sentBefore = false} = circumstances
  const timedOut = circumstances.timedOut || code === 'TIMEOUT'
  const refusedByTls = isTlsRefusal(failure)
  const words = describe(failure, timedOut)
  const base = {code: nameCode(refusedByTls ? 'tls' : phase, timedOut), hint: words.hint, cause: failure}
  if (phase === 'proxy' && code === '407') {
    return new PluginError(`Cannot go through proxy ${peer}: it refuses the user name or password`, {
      ...base,
      category: 'auth',
      code: 'PROXY_AUTH',
      field: '/config/proxy/password',
    })
  }
  if ((failure.sent || sentBefore) && !refusedByTls && !repeatable) {
    return new PluginError(`Cannot tell whether ${peer} took the request: ${words.state}`, {
      ...base,
      category: 'unknown',
      retryable: false,
      hint: `Look there before sending again. ${words.hint}`,
    })
  }
  const what =
    phase === 'proxy' ? `go through proxy ${peer}` : phase === 'answer' ? `read the answer of ${peer}` : `call ${peer}`
  const category = timedOut ? 'unavailable' : 'network'
  return new PluginError(`Cannot ${what}: ${words.state}`, {...base, category, retryable: !refusedByTls})
}

/** Certificates and TLS settings: trying again changes nothing, and the request was not read. */
function isTlsRefusal({code}: TransportFailure): boolean {
  return code in CERTIFICATES || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')
}

function describe(failure: TransportFailure, timedOut: boolean): Words {
  const {phase, code} = failure
  const known = CERTIFICATES[code]
  if (known) return known
  if (timedOut) return {state: 'it did not answer in time', hint: 'Check the system, or raise the timeouts'}
  if (isTlsRefusal(failure))
    return /ALERT|HANDSHAKE/.test(code) ? CLIENT_CERTIFICATE : {state: `TLS failed (${code})`, hint: OWN_CA}
  if (phase === 'proxy' && /^\d+$/.test(code))
    return {state: `it answered ${code}`, hint: 'Check what the proxy allows'}
  if (phase === 'answer') return code.startsWith('Z_') && code !== 'Z_BUF_ERROR' ? UNREADABLE : CUT_SHORT
  if (code.startsWith('HPE_')) return UNREADABLE
  return CODES[code] ?? {state: `the connection failed (${code})`, hint: 'Check host, port and firewall'}
}

function nameCode(phase: Phase, timedOut: boolean): string {
  if (timedOut) return phase === 'send' || phase === 'answer' ? 'ANSWER_TIMEOUT' : 'CONNECT_TIMEOUT'
  const names = {
    dns: 'DNS',
    connect: 'CONNECT',
    proxy: 'PROXY',
    tls: 'TLS',
    send: 'CONNECTION_LOST',
    answer: 'ANSWER_BROKEN',
  }
  return names[phase]
}
