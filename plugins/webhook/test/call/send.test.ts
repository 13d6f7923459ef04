import {createServer} from 'node:net'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline} from '../../../../test/support/deadline.ts'
import {callFetch, callSend, failureOf} from '../call.ts'
import {answerJson, withServer} from '../servers.ts'

const test = suite('send')

test('A POST arrives as it was asked for and its answer comes back', async () => {
  await deadline(10_000, () =>
    withServer(
      (_, response) => answerJson(response, {id: 'msg-42', nested: {ok: true}}, 201),
      async ({url, received}) => {
        const input = {
          url: `${url}/messages?a=1`,
          query: {to: '+49 151'},
          headers: {'X-Team': 'noc'},
          body: {text: 'Grüße'},
          extract: {path: 'nested.ok'},
          ticket: 'INC-7',
        }
        const {output, effects, message} = await callSend({}, input)
        assert.equal(
          {...output, durationMs: 0},
          {
            status: 201,
            value: true,
            body: '{"id":"msg-42","nested":{"ok":true}}',
            bodyCut: false,
            durationMs: 0,
            attempts: 1,
          },
        )
        assert.is(message, `POST ${url}/messages was answered with 201`)
        assert.equal(effects, [{op: 'request.note', request: 'INC-7', text: `Web call: ${message}`}])
        const [request] = received
        assert.is(request?.method, 'POST')
        assert.is(request?.url, '/messages?a=1&to=%2B49+151')
        assert.is(request?.body, '{"text":"Grüße"}')
        assert.is(request?.headers['content-length'], String(Buffer.byteLength('{"text":"Grüße"}')))
        assert.is(request?.headers['content-type'], 'application/json')
        assert.is(request?.headers['x-team'], 'noc')
      },
    ),
  )
})

test('Every method with every kind of body arrives whole', async () => {
  await deadline(10_000, () =>
    withServer(
      (_, response) => response.end('OK'),
      async ({url, received}) => {
        for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'GET']) {
          await callSend({}, {method, url, bodyType: 'form', body: {a: 'ä'}})
          await callSend({}, {method, url, bodyType: 'none'})
        }
        assert.equal(
          received.map(({method, body}) => `${method} ${body}`),
          ['POST', 'PUT', 'PATCH', 'DELETE', 'GET'].flatMap(method => [`${method} a=%C3%A4`, `${method} `]),
        )
        await callSend({}, {url, bodyType: 'xml', body: {a: '<'}})
        assert.is(received.at(-1)?.body, '<?xml version="1.0" encoding="UTF-8"?>\n<a>&lt;</a>')
      },
    ),
  )
})

test('Credentials go where the configuration says', async () => {
  await deadline(10_000, () =>
    withServer(
      (_, response) => response.end(),
      async ({url, received}) => {
        await callSend({auth: {type: 'basic', username: 'änn', password: 'p:w'}}, {url})
        assert.is(received[0]?.headers.authorization, `Basic ${Buffer.from('änn:p:w').toString('base64')}`)
        await callSend({auth: {type: 'bearer', token: 'abc'}}, {url})
        assert.is(received[1]?.headers.authorization, 'Bearer abc')
        await callSend({auth: {type: 'apiKey', apiKey: 'k&1'}}, {url})
        assert.is(received[2]?.headers['x-api-key'], 'k&1')
        await callSend(
          {auth: {type: 'apiKey', apiKey: 'k&1', apiKeyIn: 'query', apiKeyName: 'key'}},
          {url: `${url}/?a=1`},
        )
        assert.is(received[3]?.url, '/?a=1&key=k%261')
      },
    ),
  )
})

test('Incomplete or conflicting credentials are told before anything is sent', async () => {
  await deadline(10_000, () =>
    withServer(
      (_, response) => response.end(),
      async ({url, received}) => {
        const cases: [object, string][] = [
          [{type: 'basic', password: 'x'}, '/config/auth/username'],
          [{type: 'basic', username: 'a:b', password: 'x'}, '/config/auth/username'],
          [{type: 'bearer'}, '/config/auth/token'],
          [{type: 'bearer', token: 'a\r\nX-Evil: 1'}, '/config/auth/token'],
          [{type: 'apiKey'}, '/config/auth/apiKey'],
          [{type: 'oauth2', tokenUrl: url, clientId: 'c'}, '/config/auth/clientSecret'],
        ]
        for (const [auth, field] of cases) {
          const failure = await failureOf(callSend({auth: {...auth}}, {url}))
          assert.equal([failure.category, failure.field], ['config', field])
        }
        const failure = await failureOf(
          callSend({auth: {type: 'bearer', token: 'abcd'}}, {url, headers: {authorization: 'x'}}),
        )
        assert.is(failure.category, 'input')
        assert.is(received.length, 0)
      },
    ),
  )
})

test('A dry run shows the request with credentials hidden, and sends nothing', async () => {
  await deadline(10_000, () =>
    withServer(
      (_, response) => response.end(),
      async served => {
        const {url} = served
        const auth = {type: 'apiKey', apiKey: 'top-secret', apiKeyIn: 'query', apiKeyName: 'key'}
        const {output, effects} = await callSend(
          {auth},
          {url: `${url}/x`, body: {a: 'top-secret'}, ticket: '7'},
          {dryRun: true},
        )
        assert.is(output.request?.url, `${url}/x?key=******`)
        assert.is(output.request?.body, '{"a":"••••••"}')
        assert.equal([output.request?.method, output.attempts, output.status], ['POST', 0, undefined])
        assert.is(effects?.length, 1)
        const basic = await callSend(
          {auth: {type: 'basic', username: 'ann', password: 'top-secret'}},
          {url},
          {dryRun: true},
        )
        assert.is(basic.output.request?.headers.Authorization, '••••••')
        const oauth = {type: 'oauth2', tokenUrl: `${url}/token`, clientId: 'c', clientSecret: 'top-secret'}
        const token = await callSend({auth: oauth}, {url}, {dryRun: true})
        assert.not.match(JSON.stringify([output, basic.output, token.output]), 'top-secret')
        assert.is(served.connections, 0)
      },
    ),
  )
})

test('An answer that says it failed is a failure, whatever its status', async () => {
  await deadline(10_000, () =>
    withServer(
      (_, response) => answerJson(response, {code: 17, error: 'no credit for hunter22'}),
      async ({url}) => {
        const config = {auth: {type: 'bearer', token: 'hunter22'}}
        const failure = await failureOf(callSend(config, {url, expect: {path: 'error', equals: 'none'}}))
        assert.equal([failure.category, failure.code, failure.retryable], ['business', 'EXPECTATION_FAILED', false])
        assert.match(failure.message, '"error" is "no credit for ••••••", not "none"')
        assert.is((await callSend(config, {url, expect: {path: 'code', equals: '17'}})).output.status, 200)
        assert.is((await callSend(config, {url, expect: {path: 'missing', equals: null}})).output.status, 200)
        assert.is((await failureOf(callSend(config, {url, expect: {path: 'code', equals: null}}))).category, 'business')
        assert.is((await callSend(config, {url, extract: {path: 'error'}})).output.value, 'no credit for ••••••')
      },
    ),
  )
})

test('Each status ends in its category, with the other system’s own words and no secret', async () => {
  await deadline(10_000, () =>
    withServer(
      ({url}, response) => answerJson(response, {error: 'token top-secret is wrong'}, Number(url.slice(1))),
      async ({url}) => {
        const config = {auth: {type: 'bearer', token: 'top-secret'}, retry: {max: 0}}
        const categories: {[status: string]: string} = {
          401: 'auth',
          403: 'auth',
          404: 'business',
          422: 'business',
          429: 'rateLimit',
          500: 'unavailable',
          503: 'unavailable',
          504: 'unknown',
        }
        for (const [status, category] of Object.entries(categories)) {
          const failure = await failureOf(callSend(config, {url: `${url}/${status}`}))
          assert.equal([failure.category, failure.code], [category, `HTTP_${status}`])
          assert.match(failure.message, 'token •••••• is wrong')
        }
        assert.is((await callSend(config, {url: `${url}/404`, success: ['200-299', '404']})).output.status, 404)
        const choosy = {...config, answer: {success: ['201']}}
        assert.is((await failureOf(callSend(choosy, {url: `${url}/200`}))).category, 'business')
      },
    ),
  )
})

test('A long answer is cut at the configured length and marked', async () => {
  await deadline(10_000, () =>
    withServer(
      (_, response) => response.end('ä'.repeat(100)),
      async ({url}) => {
        const {output} = await callFetch({answer: {bodyChars: 10}}, {url})
        assert.equal([output.body, output.bodyCut], ['ä'.repeat(10), true])
      },
    ),
  )
})

test('Fetch gets, and connections to the same origin are used again', async () => {
  await deadline(10_000, () =>
    withServer(
      (_, response) => answerJson(response, {people: [{phone: '+49'}]}),
      async served => {
        const config = {baseUrl: `${served.url}/api`}
        for (let count = 0; count < 3; count++) {
          const {output} = await callFetch(
            config,
            {path: 'on-call', query: {team: 'noc'}, extract: {path: 'people.0.phone'}},
            {registration: 'kept'},
          )
          assert.is(output.value, '+49')
        }
        assert.equal(
          served.received.map(({method, url}) => `${method} ${url}`),
          Array.from({length: 3}, () => 'GET /api/on-call?team=noc'),
        )
        assert.is(served.connections, 1)
        await callSend(config, {}, {registration: 'kept'})
        assert.is(served.connections, 2)
      },
    ),
  )
})

test('Nobody listening and unknown names are network troubles with a hint', async () => {
  const port = await new Promise<number>(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
    })
  })
  await deadline(10_000, async () => {
    const refused = await failureOf(callSend({retry: {max: 0}}, {url: `http://127.0.0.1:${port}`}))
    assert.equal([refused.category, refused.code, refused.retryable], ['network', 'CONNECT', true])
    assert.match(refused.message, 'nothing listens there')
    const unknown = await failureOf(callSend({retry: {max: 0}}, {url: 'http://no-such-host.invalid'}))
    assert.equal([unknown.category, unknown.code, unknown.retryable], ['network', 'DNS', true])
  })
})

test.run()
