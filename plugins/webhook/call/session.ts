import {planTokenRequest, readToken} from '../oauth/request-token.ts'
import {createTokenSource, type TokenSource} from '../oauth/token-source.ts'
import type {Types} from '../plugin.types.ts'
import {parseUrl} from '../request/join-url.ts'
import {createMask, type Mask} from '../request/mask.ts'
import type {Plan} from '../request/plan-request.ts'
import {bypassesProxy} from '../transport/bypass-proxy.ts'
import {exchange, type RawAnswer} from '../transport/exchange.ts'
import {explainFailure} from '../transport/explain-failure.ts'
import {KeptConnections} from '../transport/kept-connections.ts'
import {openSocket, type Route} from '../transport/open-socket.ts'
import type {ProxyServer} from '../transport/open-tunnel.ts'
import {TransportFailure} from '../transport/transport-failure.ts'
import {createTrust} from '../transport/trust.ts'

type Config = Types['config']

/** What calls of one configuration share: trust, connections, the access token. */
export interface Session {
  readonly config: Config
  readonly mask: Mask
  /** Only with OAuth2. */
  readonly tokens: TokenSource | undefined
  routeTo(url: URL, own: boolean): Route
  /** One request and its answer. Throws a TransportFailure. */
  send(plan: Plan, own: boolean, signal: AbortSignal): Promise<RawAnswer>
}

const TOKEN_BYTES = 1024 * 1024

/** Throws a PluginError of category `config`. */
export function createSession(config: Config): Session {
  const mask = createMask(config)
  const trust = createTrust(config.tls)
  const proxy = readProxy(config.proxy)
  const agents = new Map<string, KeptConnections>()

  function routeTo(url: URL, own: boolean): Route {
    const direct = proxy === undefined || bypassesProxy(url, config.proxy?.noProxy ?? [])
    return {trust, own, connectMs: config.timeouts.connectMs, proxy: direct ? undefined : proxy}
  }

  function keepTo(url: URL): KeptConnections {
    const {origin} = url
    const agent =
      agents.get(origin) ?? new KeptConnections(() => openSocket(url, routeTo(url, true), new AbortController().signal))
    agents.set(origin, agent)
    return agent
  }

  function send(plan: Plan, own: boolean, signal: AbortSignal): Promise<RawAnswer> {
    // A kept connection may just be closing: what must not be sent twice gets a fresh one.
    const agent = own && plan.repeatable ? keepTo(plan.url) : undefined
    return exchange(plan, routeTo(plan.url, own), {signal, maxBytes: config.answer.maxBytes, agent})
  }

  const session = {config, mask, routeTo, send}
  return {...session, tokens: config.auth.type === 'oauth2' ? createTokens(session) : undefined}
}

function createTokens({config, mask, routeTo}: Pick<Session, 'config' | 'mask' | 'routeTo'>): TokenSource {
  return createTokenSource(async () => {
    const plan = planTokenRequest(config.auth, mask)
    // Not the signal of one call: others may be waiting for the same token.
    const signal = AbortSignal.timeout(config.timeouts.totalMs)
    try {
      const options = {signal, maxBytes: TOKEN_BYTES, agent: undefined}
      return readToken(await exchange(plan, routeTo(plan.url, false), options), mask, Date.now())
    } catch (error) {
      if (!(error instanceof TransportFailure)) throw error
      throw explainFailure(error, {repeatable: true, timedOut: signal.aborted})
    }
  })
}

function readProxy(proxy: Config['proxy']): ProxyServer | undefined {
  if (!proxy) return undefined
  const pair = `${proxy.username ?? ''}:${proxy.password ?? ''}`
  return {
    url: parseUrl(proxy.url, '/config/proxy/url'),
    authorization: pair === ':' ? undefined : `Basic ${Buffer.from(pair).toString('base64')}`,
  }
}
