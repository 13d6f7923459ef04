import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline} from '../../../test/support/deadline.ts'
import {needs} from '../../../test/support/needs.ts'
import {type InstalledPlugin, withPlugin} from '../../../test/support/plugin-harness.ts'
import {makeCertificates} from './certificates.ts'
import {answerJson, withProxy, withServer, withTcpServer} from './servers.ts'

const suited = suite('webhook-process')
const test = needs(suited, {program: 'openssl', package: 'openssl'})
const SOURCE = join(import.meta.dirname, '..')

function withWebhook(
  config: Parameters<typeof withPlugin>[1]['config'],
  run: (plugin: InstalledPlugin) => Promise<void>,
): Promise<void> {
  return deadline(60_000, () => withPlugin(SOURCE, config ? {config} : {}, run), 'the plugin')
}

test('It is usable as soon as it is installed, and the note reaches the desk', async () => {
  await withServer(
    (_, response) => answerJson(response, {id: 'msg-42'}, 201),
    ({url}) =>
      withWebhook(undefined, async plugin => {
        const sent = await plugin.execute('send', {url, body: {a: 1}, extract: {path: 'id'}, ticket: 'INC-7'})
        assert.is(sent.status, 'succeeded', JSON.stringify(sent.error))
        assert.is((sent.output as {value: string}).value, 'msg-42')
        assert.equal(
          sent.effects.map(({effect}) => effect.op),
          ['request.note'],
        )
        const nothing = await plugin.execute('send', {body: {}})
        assert.equal([nothing.error?.category, nothing.error?.field], ['input', '/input/url'])
        const shown = await plugin.execute('send', {url}, {mode: 'dryRun'})
        assert.is((shown.output as {attempts: number}).attempts, 0)
      }),
  )
})

test('Under the permission model it reads gzip, XML, TLS with an own authority, and goes through a proxy', async () => {
  const {ca, server} = await makeCertificates()
  await withServer(
    (_, response) => response.writeHead(200, {'content-type': 'text/xml'}).end('<reply><result>OK</result></reply>'),
    ({url}) =>
      withProxy('ann:secret', async proxy =>
        withWebhook({tls: {ca}, proxy: {url: proxy.url, username: 'ann', password: 'secret'}}, async plugin => {
          const sent = await plugin.execute('send', {
            url,
            bodyType: 'xml',
            body: {order: '<7>'},
            expect: {path: 'reply/result', equals: 'OK'},
          })
          assert.is(sent.status, 'succeeded', JSON.stringify(sent.error))
          assert.is(proxy.asked.length, 1)
        }),
      ),
    server,
  )
})

test('Each failure arrives with its category, and no secret anywhere', async () => {
  const {server} = await makeCertificates()
  const config = {auth: {type: 'bearer', token: 'very-secret-token'}, retry: {max: 0}, timeouts: {totalMs: 500}}
  await withServer(
    ({url}, response) => (url === '/hang' ? undefined : answerJson(response, {error: 'very-secret-token'}, 401)),
    ({url: peer}) =>
      withServer(
        (_, response) => response.end(),
        ({url: untrusted}) =>
          withTcpServer(
            socket => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')),
            ({url: half}) =>
              withWebhook(config, async plugin => {
                const cases = [
                  [`${peer}/`, 'auth', false],
                  ['http://127.0.0.1:1/', 'network', true],
                  [untrusted, 'network', false],
                  [`${peer}/hang`, 'unknown', false],
                  [half, 'unknown', false],
                ] as const
                for (const [url, category, retryable] of cases) {
                  const {error, attempts} = await plugin.execute('send', {url})
                  assert.equal([error?.category, error?.retryable, attempts], [category, retryable, 1], url)
                  assert.not.match(JSON.stringify(error), 'very-secret-token')
                }
                assert.not.match(JSON.stringify(plugin.logs()), 'very-secret-token')
              }),
          ),
        server,
      ),
  )
})

test('The connection test tells its stages', async () => {
  await withServer(
    (_, response) => answerJson(response, {}),
    ({url}) =>
      withWebhook({baseUrl: url}, async plugin => {
        const fine = await plugin.test()
        assert.equal(
          fine.stages.map(({name}) => name),
          ['url', 'dns', 'tcp', 'auth', 'answer'],
        )
        const failed = await plugin.test({baseUrl: 'http://127.0.0.1:1'})
        assert.equal([failed.ok, failed.error?.code, failed.stages.at(-1)?.name], [false, 'CONNECT', 'tcp'])
      }),
  )
})

suited.run()
