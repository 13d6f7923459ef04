import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline} from '../../../../test/support/deadline.ts'
import {needs} from '../../../../test/support/needs.ts'
import {callFetch, callSend, callTest, failureOf} from '../call.ts'
import {makeCertificates} from '../certificates.ts'
import {answerJson, type Respond, withProxy, withServer, withTcpServer} from '../servers.ts'

const suited = suite('proxy')
const test = needs(suited, {program: 'openssl', package: 'openssl'})
const ok: Respond = (_, response) => answerJson(response, {ok: true})
const LOGIN = {username: 'ann', password: 'p:w ö'}
const ONCE = {retry: {max: 0}}

test('https goes through a tunnel, with credentials, and the target never sees them', async () => {
  const {ca, server} = await makeCertificates()
  await deadline(10_000, () =>
    withServer(
      ok,
      ({url, port, received}) =>
        withProxy('ann:p:w ö', async proxy => {
          for (const call of [callSend, callFetch]) {
            const {output} = await call({tls: {ca}, proxy: {url: proxy.url, ...LOGIN}}, {url})
            assert.is(output.status, 200)
          }
          assert.equal(proxy.asked, [`127.0.0.1:${port}`, `127.0.0.1:${port}`])
          assert.ok(received.every(({headers}) => headers['proxy-authorization'] === undefined))
        }),
      server,
    ),
  )
})

test('A tunnel outlives the time limit for connecting', async () => {
  const {ca, server} = await makeCertificates()
  await deadline(10_000, () =>
    withServer(
      (_, response) => void setTimeout(() => answerJson(response, {}), 900),
      ({url}) =>
        withProxy(undefined, async proxy => {
          const config = {tls: {ca}, proxy: {url: proxy.url}, timeouts: {connectMs: 600}}
          assert.is((await callSend(config, {url})).output.status, 200)
        }),
      server,
    ),
  )
})

test('Plain http is handed to the proxy by its whole address', async () => {
  await deadline(10_000, () =>
    withServer(ok, ({url}) =>
      withProxy('ann:p:w ö', async proxy => {
        const {output} = await callFetch({proxy: {url: proxy.url, ...LOGIN}}, {url: `${url}/x?y=1`})
        assert.equal([output.status, proxy.asked], [200, [`${url}/x?y=1`]])
      }),
    ),
  )
})

test('A proxy that refuses the credentials is told apart from the target doing so', async () => {
  const {ca, server} = await makeCertificates()
  await deadline(10_000, () =>
    withProxy('ann:right', proxy =>
      withServer(
        ok,
        async ({url, received}) => {
          const config = {...ONCE, tls: {ca}, proxy: {url: proxy.url, username: 'ann', password: 'wrong-secret'}}
          for (const target of [url, url.replace('https:', 'http:')]) {
            const failure = await failureOf(callSend(config, {url: target}))
            assert.equal(
              [failure.category, failure.code, failure.field],
              ['auth', 'PROXY_AUTH', '/config/proxy/password'],
            )
            assert.not.match(JSON.stringify(failure), 'wrong-secret')
          }
          assert.is(received.length, 0)
        },
        server,
      ),
    ),
  )
})

test('Exceptions are called directly', async () => {
  await deadline(10_000, () =>
    withServer(ok, ({url}) =>
      withProxy(undefined, async proxy => {
        const config = {proxy: {url: proxy.url, noProxy: ['127.0.0.0/8']}}
        assert.is((await callSend(config, {url})).output.status, 200)
        assert.is(proxy.asked.length, 0)
      }),
    ),
  )
})

test('A proxy that hangs up, refuses or says nothing is told as the proxy, and nothing was sent', async () => {
  const answers = ['', 'HTTP/1.1 503 Busy\r\n\r\n', 'nonsense\r\n\r\n']
  await deadline(10_000, () =>
    withTcpServer(
      (socket, count) => {
        socket.once('data', () => (count <= answers.length ? socket.end(answers[count - 1] ?? '') : undefined))
      },
      async ({url}) => {
        const config = {...ONCE, proxy: {url}, timeouts: {connectMs: 500}}
        for (const expected of [...answers.map(() => ['network', 'PROXY']), ['unavailable', 'CONNECT_TIMEOUT']]) {
          const failure = await failureOf(callSend(config, {url: 'https://127.0.0.1:9/'}))
          assert.equal([failure.category, failure.code, failure.retryable], [...expected, true], failure.message)
        }
      },
    ),
  )
})

test('The connection test goes the same way and ends its connections without harm', async () => {
  const {ca, server} = await makeCertificates()
  await deadline(10_000, () =>
    withServer(
      ok,
      ({url}) =>
        withProxy('ann:p:w ö', async proxy => {
          const config = {baseUrl: url, tls: {ca}, proxy: {url: proxy.url, ...LOGIN}}
          const {stages, error} = await callTest(config)
          assert.equal([stages, error], [['url', 'dns', 'tcp', 'proxy', 'tls', 'auth', 'answer'], undefined])
          const refused = await callTest({...config, proxy: {url: proxy.url}})
          assert.equal([refused.stages.at(-1), refused.error?.code], ['proxy failed', 'PROXY_AUTH'])
        }),
      server,
    ),
  )
})

suited.run()
