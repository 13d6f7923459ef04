import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline} from '../../../../test/support/deadline.ts'
import {needs} from '../../../../test/support/needs.ts'
import {callTest} from '../call.ts'
import {makeCertificates} from '../certificates.ts'
import {answerJson, withServer, withTcpServer} from '../servers.ts'

const test = suite('test-connection')
const secure = needs(test, {program: 'openssl', package: 'openssl'})

test('Without a base URL there is nothing to test, and it says so', async () => {
  const {stages, error} = await callTest({})
  assert.equal([stages, error?.category, error?.field], [['url failed'], 'config', '/config/baseUrl'])
})

test('Each stage that can fail is told by its name', async () => {
  await deadline(10_000, async () => {
    const dns = await callTest({baseUrl: 'http://no-such-host.invalid'})
    assert.equal([dns.stages, dns.error?.code], [['url', 'dns failed'], 'DNS'])
    const tcp = await callTest({baseUrl: 'http://127.0.0.1:1'})
    assert.equal([tcp.stages, tcp.error?.code], [['url', 'dns', 'tcp failed'], 'CONNECT'])
    await withServer(
      ({headers}, response) => answerJson(response, {}, headers.authorization ? 403 : 401),
      async ({url}) => {
        const auth = await callTest({baseUrl: url, auth: {type: 'bearer'}})
        assert.equal([auth.stages.at(-1), auth.error?.field], ['auth failed', '/config/auth/token'])
        for (const config of [{}, {auth: {type: 'bearer', token: 'abcd'}}]) {
          const answer = await callTest({baseUrl: url, ...config})
          assert.equal([answer.stages.at(-1), answer.error?.category], ['answer failed', 'auth'])
        }
      },
    )
  })
})

test('Without a path any answer will do; with one it must succeed', async () => {
  await deadline(10_000, () =>
    withServer(
      ({url}, response) => answerJson(response, {}, url === '/v1/health' ? 200 : 404),
      async ({url, received}) => {
        assert.is((await callTest({baseUrl: url})).error, undefined)
        assert.is((await callTest({baseUrl: `${url}/v1`, test: {path: 'health', method: 'HEAD'}})).error, undefined)
        assert.is((await callTest({baseUrl: url, test: {path: 'health'}})).error?.category, 'business')
        assert.equal(
          received.map(({method, url: path}) => `${method} ${path}`),
          ['GET /', 'HEAD /v1/health', 'GET /health'],
        )
      },
    ),
  )
})

test('A system that accepts the connection and then says nothing is told in time', async () => {
  await deadline(10_000, () =>
    withTcpServer(
      () => {},
      async ({url}) => {
        const {stages, error} = await callTest({baseUrl: url, timeouts: {totalMs: 500}})
        assert.equal([stages.at(-1), error?.category, error?.retryable], ['answer failed', 'unavailable', true])
      },
    ),
  )
})

secure('TLS is a stage of its own', async () => {
  const {ca, server} = await makeCertificates()
  await deadline(10_000, () =>
    withServer(
      (_, response) => answerJson(response, {}),
      async ({url}) => {
        assert.equal((await callTest({baseUrl: url, tls: {ca}})).stages, ['url', 'dns', 'tcp', 'tls', 'auth', 'answer'])
        const {stages, error} = await callTest({baseUrl: url})
        assert.equal([stages, error?.code], [['url', 'dns', 'tcp', 'tls failed'], 'TLS'])
        const bad = await callTest({baseUrl: url, tls: {ca: 'x'}})
        assert.equal([bad.stages, bad.error?.field], [['url failed'], '/config/tls/ca'])
      },
      server,
    ),
  )
})

test.run()
