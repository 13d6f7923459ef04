import {lookup} from 'node:dns/promises'
import {isIP, type Socket} from 'node:net'
import {PluginError, type TestCall} from 'plugin-host/sdk'
import {explainStatus} from '../answer/explain-status.ts'
import {isSuccess} from '../answer/is-success.ts'
import type {Types} from '../plugin.types.ts'
import {authorize} from '../request/authorize.ts'
import {type Plan, planRequest} from '../request/plan-request.ts'
import {explainFailure} from '../transport/explain-failure.ts'
import {openProxy, openTcp, openTls} from '../transport/open-socket.ts'
import {openTunnel} from '../transport/open-tunnel.ts'
import {bareHost, showPeer} from '../transport/peer.ts'
import {TransportFailure, toTransportFailure} from '../transport/transport-failure.ts'
import {createSession, type Session} from './session.ts'
import {waitOrAbort} from './wait-or-abort.ts'

type Config = Types['config']

/** Connection test: address, name, connection, TLS, credentials, answer; what fails first is told. Sends nothing but the test's own request. */
export async function testConnection(call: TestCall<Config>): Promise<void> {
  const {config} = call
  const limit = AbortSignal.timeout(config.timeouts.totalMs)
  const signal = AbortSignal.any([call.signal, limit])
  const stage = <T>(name: string, run: () => Promise<T>): Promise<T> =>
    call.stage(name, () => run().catch(error => Promise.reject(explain(error, limit.aborted))))
  if (config.tls.insecure) call.log.warn('Certificates are not checked: tls.insecure is set. Set tls.ca instead')
  const {session, plan} = await stage('url', () => prepare(config))
  await connect(session, plan, {stage, signal})
  const token = await stage('auth', async () => {
    authorize(plan, config.auth, '')
    return session.tokens && waitOrAbort(session.tokens.get(), signal)
  })
  await stage('answer', async () => {
    const answer = await session.send(authorize(plan, config.auth, token), true, signal)
    if (!isFine(answer.status, config)) {
      throw explainStatus({...answer, excerpt: '', repeatable: true, now: Date.now()})
    }
  })
}

interface Staging {
  stage: <T>(name: string, run: () => Promise<T>) => Promise<T>
  signal: AbortSignal
}

/** A connection made for the test alone, so that each step of it can be told apart. */
async function connect(session: Session, plan: Plan, {stage, signal: whole}: Staging): Promise<void> {
  const {url} = plan
  const route = session.routeTo(url, true)
  const {proxy} = route
  const signal = AbortSignal.any([whole, AbortSignal.timeout(route.connectMs)])
  // The outermost one only: Node crashes when a socket is destroyed under its TLS socket.
  let socket: Socket | undefined
  try {
    const first = proxy?.url ?? url
    await stage('dns', () => resolveHost(first, signal))
    socket = await stage('tcp', () => (proxy ? openProxy(proxy, route, signal) : openTcp(url, signal)))
    if (url.protocol !== 'https:') return
    const reached = socket
    if (proxy) await stage('proxy', () => openTunnel(reached, url, proxy, signal))
    socket = await stage('tls', () => openTls(reached, url, route, signal))
  } finally {
    socket?.destroy()
  }
}

async function prepare(config: Config): Promise<{session: Session; plan: Plan}> {
  if (config.baseUrl === undefined) {
    throw new PluginError('Cannot test the connection: no base URL is configured', {
      category: 'config',
      field: '/config/baseUrl',
      hint: 'Set the base URL of the system to test',
    })
  }
  const {path, method} = config.test
  const address = path === undefined ? {} : {path}
  const plan = await planRequest(config, {...address, method, reads: true, idempotencyKey: undefined})
  // A fresh connection, not one kept from before the change that is tested.
  return {session: createSession(config), plan: {...plan, repeatable: false}}
}

async function resolveHost(url: URL, signal: AbortSignal): Promise<void> {
  const host = bareHost(url)
  if (isIP(host) !== 0) return
  try {
    await waitOrAbort(lookup(host), signal)
  } catch (error) {
    throw toTransportFailure(error, 'dns', showPeer(url))
  }
}

/** Without a path of its own the test cannot know what the base URL answers: being let in is enough. */
function isFine(status: number, {test, answer}: Config): boolean {
  if (test.path !== undefined) return isSuccess(status, answer.success)
  return status < 500 && status !== 401 && status !== 403 && status !== 429
}

function explain(error: unknown, timedOut: boolean): unknown {
  return error instanceof TransportFailure ? explainFailure(error, {repeatable: true, timedOut}) : error
}
