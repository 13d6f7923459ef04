import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline} from '../../../../test/support/deadline.ts'
import {needs} from '../../../../test/support/needs.ts'
import {callFetch, callSend, failureOf} from '../call.ts'
import {makeCertificates} from '../certificates.ts'
import {answerJson, type Respond, withServer} from '../servers.ts'

const test = suite('redirect')
const secure = needs(test, {program: 'openssl', package: 'openssl'})
const ok: Respond = (_, response) => answerJson(response, {ok: true})

function redirect(status: number, location: string | ((count: number) => string)): Respond {
  return (_, response, count) =>
    void response.writeHead(status, {location: typeof location === 'string' ? location : location(count)}).end()
}

test('Three redirects are followed, a loop is not', async () => {
  await deadline(10_000, async () => {
    await withServer(
      (request, response, count) =>
        count <= 3 ? redirect(302, `/${count}`)(request, response, count) : answerJson(response, {}),
      async ({url, received}) => {
        assert.is((await callFetch({}, {url})).output.status, 200)
        assert.equal(
          received.map(({url: path}) => path),
          ['/', '/1', '/2', '/3'],
        )
      },
    )
    await withServer(
      redirect(302, count => `/${count}`),
      async ({url, received}) => {
        const failure = await failureOf(callFetch({}, {url}))
        assert.equal(
          [failure.category, failure.code, failure.retryable, received.length],
          ['business', 'REDIRECT_REFUSED', false, 4],
        )
      },
    )
  })
})

test('Another origin sees the body but none of the credentials', async () => {
  await deadline(10_000, () =>
    withServer(ok, ({url: other, received: there}) =>
      withServer(redirect(307, `${other}/x`), async ({url, received: here}) => {
        const config = {headers: {'X-Tenant': 't'}, auth: {type: 'basic', username: 'ann', password: 'secret'}}
        assert.is((await callSend(config, {url, headers: {Cookie: 'c'}, body: {a: 1}})).output.status, 200)
        assert.ok(here[0]?.headers.authorization)
        const {authorization, cookie, 'x-tenant': tenant} = there[0]?.headers ?? {}
        assert.equal([authorization, cookie, tenant, there[0]?.body], [undefined, undefined, undefined, '{"a":1}'])
      }),
    ),
  )
})

test('Within the origin credentials go along', async () => {
  await deadline(10_000, () =>
    withServer(
      ({url}, response, count) =>
        url === '/' ? redirect(308, '/moved')({} as never, response, count) : answerJson(response, {}),
      async ({url, received}) => {
        await callSend({auth: {type: 'bearer', token: 'abcd'}}, {url})
        assert.equal(
          received.map(({headers}) => headers.authorization),
          ['Bearer abcd', 'Bearer abcd'],
        )
      },
    ),
  )
})

test('A POST is not turned into a GET behind the caller’s back', async () => {
  await deadline(10_000, () =>
    withServer(redirect(302, '/login'), async ({url, received}) => {
      const failure = await failureOf(callSend({}, {url}))
      assert.equal([failure.category, failure.code, received.length], ['business', 'REDIRECT_REFUSED', 1])
      assert.is((await callSend({}, {url, success: ['302']})).output.status, 302)
      assert.is((await failureOf(callSend({redirects: 0}, {url}))).code, 'REDIRECT_REFUSED')
    }),
  )
})

test('Past a redirect the first system may have acted: what fails there is unknown', async () => {
  await deadline(10_000, () =>
    withServer(redirect(303, 'http://127.0.0.1:1/'), async ({url}) => {
      const failure = await failureOf(callSend({}, {url}))
      assert.equal([failure.category, failure.retryable], ['unknown', false])
    }),
  )
})

secure('https is not left for http, and another origin is not shown the client certificate', async () => {
  const {ca, server, client} = await makeCertificates()
  const config = {tls: {ca, ...client}}
  await deadline(10_000, async () => {
    await withServer(ok, ({url: plain, received}) =>
      withServer(
        redirect(302, plain),
        async ({url}) => {
          assert.match((await failureOf(callFetch(config, {url}))).message, 'from https to http')
          assert.is(received.length, 0)
        },
        server,
      ),
    )
    const asking = {...server, ca, requestCert: true, rejectUnauthorized: true}
    await withServer(
      ok,
      ({url: other}) =>
        withServer(
          redirect(302, other),
          async ({url, received}) => {
            const {category, code} = await failureOf(callFetch({...config, retry: {max: 0}}, {url}))
            assert.equal([category, code, received.length], ['network', 'TLS', 1])
            assert.is((await callFetch(config, {url: other})).output.status, 200)
          },
          asking,
        ),
      asking,
    )
  })
})

test.run()
