import {execFileSync} from 'node:child_process'
import {once} from 'node:events'
import {request} from 'node:https'
import {connect} from 'node:net'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {loadConfig} from '../../host/config.ts'
import {isHostError} from '../../host/errors.ts'
import {startHttp} from '../../host/http/server.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {type Served, sendRaw, withHttp} from '../support/http.ts'
import {createMemoryHost} from '../support/memory-host.ts'
import {needs} from '../support/needs.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('server')

const EXECUTE = '/v1/registrations/echo/actions'
const HEAD = 'Host: localhost\r\nAuthorization: Bearer admin-token\r\n'
const silent = {info: () => {}, warn: () => {}, error: () => {}}

function within(run: (served: Served) => Promise<void>, settings = {}): () => Promise<void> {
  return () => deadline(30_000, withHttp(run, settings))
}

test(
  'a client that never ends its headers is answered 408 and cut off, while others are served',
  within(
    async ({port, call}) => {
      const slow = sendRaw(port, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
      assert.is((await call('GET', '/healthz')).status, 200)
      assert.match(await slow, /^HTTP\/1\.1 408 .*REQUEST_TIMEOUT/s)
    },
    {headerTimeoutMs: 300},
  ),
)

test(
  '10,000 header lines are refused',
  within(async ({port, call}) => {
    const lines = Array.from({length: 10_000}, (_, index) => `x${index}: y\r\n`).join('')
    assert.match(
      await sendRaw(port, `GET /healthz HTTP/1.1\r\n${HEAD}${lines}\r\n`),
      /^HTTP\/1\.1 431 .*REQUEST_HEADERS_TOO_LARGE/s,
    )
    assert.is((await call('GET', '/healthz')).status, 200)
  }),
)

const SMUGGLING = {
  'length and chunks at once': 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'two lengths': 'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
  'a length that is no number': 'Content-Length: +2\r\n\r\n{}',
  'an obscured transfer encoding': 'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
  'a header name with a space': 'Content-Length : 2\r\n\r\n{}',
  'a bare line feed inside a chunk size': 'Transfer-Encoding: chunked\r\n\r\n1\n{\r\n0\r\n\r\n',
}

for (const [name, rest] of Object.entries(SMUGGLING)) {
  test(
    `a request with ${name} is refused and executes nothing`,
    within(async ({port, host}) => {
      const answer = await sendRaw(
        port,
        `POST ${EXECUTE}/echo/execute HTTP/1.1\r\n${HEAD}Content-Type: application/json\r\n${rest}`,
      )
      assert.match(answer, /^HTTP\/1\.1 400 .*"code":"REQUEST_INVALID"/s)
      assert.is(host.requests.length, 0)
    }),
  )
}

test(
  'what is no HTTP is refused',
  within(async ({port}) => {
    assert.match(await sendRaw(port, '\x16\x03\x01\x02\x00garbage\r\n\r\n'), /^HTTP\/1\.1 400 .*REQUEST_INVALID/s)
  }),
)

test(
  'connections beyond the limit are dropped, and room is made when one leaves',
  within(
    async ({port, call}) => {
      const held = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
      await Promise.all(held.map(socket => once(socket, 'connect')))
      assert.is(await sendRaw(port, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'), '')
      for (const socket of held) socket.destroy()
      await eventually(5000, async () => (await call('GET', '/healthz').catch(() => undefined))?.status === 200)
    },
    {maxConnections: 2},
  ),
)

test(
  'an unknown path is 404 and a wrong method 405 with what is allowed',
  within(async ({call}) => {
    const absent = await call('GET', '/v1/plugin')
    assert.equal([absent.status, (absent.json as {code: string}).code], [404, 'ROUTE_NOT_FOUND'])
    const wrong = await call('PUT', '/v1/plugins/echo')
    assert.equal([wrong.status, wrong.headers.get('allow')], [405, 'DELETE, GET, HEAD'])
    assert.is((await call('GET', '/v1/plugins/%zz')).status, 400)
  }),
)

test(
  'an unexpected fault is told to the log with its stack and to nobody else',
  within(async ({call, host, logged}) => {
    host.actions.explode = () => {
      throw new TypeError('the password is hunter2')
    }
    const answer = await call('POST', `${EXECUTE}/explode/execute`, {body: {}})
    const {instance, code} = answer.json as {instance: string; code: string}
    assert.equal([answer.status, code], [500, 'HOST_INTERNAL'])
    assert.not.match(answer.text, 'hunter2')
    const [line] = logged
    const {err, request: id} = (line?.fields ?? {}) as {err: Error; request: string}
    assert.match(err.stack ?? '', 'hunter2')
    assert.is(instance, `urn:plugin-host:request:${id}`)
  }),
)

test(
  'a request that went well leaves no line in the log',
  within(async ({call, logged}) => {
    await call('GET', '/v1/plugins')
    await call('GET', '/v1/absent')
    assert.equal(logged, [])
  }),
)

test('a port that is taken is refused with the setting to change', () =>
  deadline(
    20_000,
    withHttp(async ({port}) => {
      const {http} = loadConfig({http: {port}})
      const error = await startHttp(createMemoryHost(), http, silent).then(
        () => undefined,
        (cause: unknown) => cause,
      )
      assert.ok(isHostError(error, 'HOST_LISTEN_FAILED'))
      assert.match((error as Error).message, /another program listens there\nSet http\.host/)
    }),
  ))

test(
  'close ends idle connections and streams at once and lets a running call finish',
  within(async ({call, close, host, url}) => {
    const {promise, resolve} = Promise.withResolvers<object>()
    host.actions.wait = () => promise
    const following = await fetch(`${url}/v1/plugins/echo/logs?follow=true`, {
      headers: {authorization: 'Bearer admin-token'},
    })
    const running = call('POST', `${EXECUTE}/wait/execute`, {body: {}})
    await eventually(5000, () => host.requests.length === 1)
    const closed = close({graceMs: 20_000})
    assert.match(await following.text(), ': open')
    resolve({output: 'late'})
    assert.is((await running).status, 200)
    await closed
    assert.is(await fetch(`${url}/healthz`).catch(() => 'refused'), 'refused')
  }),
)

test(
  'a connection kept alive is closed with the answer that was running',
  within(async ({close, host, port, url}) => {
    const {promise, resolve} = Promise.withResolvers<object>()
    host.actions.wait = () => promise
    // The client never closes: only the server can, long before the time it keeps connections.
    const answer = sendRaw(port, `POST ${EXECUTE}/wait/execute HTTP/1.1\r\n${HEAD}Content-Length: 0\r\n\r\n`)
    await eventually(5000, () => host.requests.length === 1)
    const closed = close({graceMs: 60_000})
    await eventually(5000, () =>
      fetch(`${url}/healthz`).then(
        () => false,
        () => true,
      ),
    )
    resolve({output: 'late'})
    assert.match(await answer, /^HTTP\/1\.1 200 .*"late"/s)
    await closed
  }),
)

test(
  'close cuts what is not done within its grace',
  within(async ({call, close, host}) => {
    const running = call('POST', `${EXECUTE}/hang/execute`, {body: {}}).catch(() => 'cut')
    await eventually(5000, () => host.requests.length === 1)
    await close({graceMs: 50})
    assert.is(await running, 'cut')
    await eventually(5000, () => host.requests[0]?.signal?.aborted)
  }),
)

test(
  'it answers while the host is stopping, and says so',
  within(async ({call, host}) => {
    host.ready = false
    const answer = await call('GET', '/readyz', {token: null})
    assert.equal([answer.status, answer.json], [503, {ready: false, reasons: ['the server is stopping']}])
    assert.is((await call('GET', '/v1/plugins')).status, 200)
  }),
)

const withOpenssl = needs(test, {program: 'openssl', package: 'openssl'})

withOpenssl('with a certificate it speaks TLS, and plain HTTP gets no answer', () =>
  deadline(
    30_000,
    withTempFolder(async folder => {
      const [tlsKey, tlsCert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
      const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
      execFileSync('openssl', [...args, '-subj', '/CN=localhost', '-keyout', tlsKey, '-out', tlsCert], {
        stdio: 'ignore',
      })
      await withHttp(
        async ({url, port}) => {
          assert.match(url, /^https:/)
          const call = request(`${url}/healthz`, {rejectUnauthorized: false, agent: false}).end()
          const [response] = await once(call, 'response')
          assert.equal([response.statusCode, JSON.parse(await text(response)).status], [200, 'ok'])
          assert.is(await sendRaw(port, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'), '')
        },
        {tlsCert, tlsKey},
      )
    }),
  ),
)

test('a certificate that cannot be read stops the start', async () => {
  const {http} = loadConfig({http: {port: 0, tlsCert: '/nowhere/cert.pem', tlsKey: '/nowhere/key.pem'}})
  const error = await startHttp(createMemoryHost(), http, silent).then(
    () => undefined,
    (cause: unknown) => cause,
  )
  assert.ok(isHostError(error, 'HOST_CONFIG_INVALID'))
})

test.run()
