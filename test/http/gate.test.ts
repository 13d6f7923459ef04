import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline} from '../support/deadline.ts'
import {type Served, sendRaw, withHttp} from '../support/http.ts'

const test = suite('gate')

const EXECUTE = '/v1/registrations/echo/actions/echo/execute'

function within(run: (served: Served) => Promise<void>): () => Promise<void> {
  return () => deadline(20_000, withHttp(run))
}

test(
  'health, readiness, the description and its pages need no token; all else does',
  within(async ({call}) => {
    for (const path of ['/healthz', '/readyz', '/openapi.json', '/docs']) {
      assert.is((await call('GET', path, {token: null})).status, 200, path)
    }
    for (const path of ['/metrics', '/v1/plugins', '/v1/nothing', '/', '/docsx']) {
      assert.is((await call('GET', path, {token: null})).status, 401, path)
    }
  }),
)

test(
  'missing, unknown, empty and misspelt credentials get the very same answer',
  within(async ({call}) => {
    const headers = ['Bearer ', 'Bearer wrong', 'Basic YTpi', 'Bearer admin-token x', 'admin-token', 'Bearer __proto__']
    const answers = await Promise.all([
      call('GET', '/v1/plugins', {token: null}),
      ...headers.map(authorization => call('GET', '/v1/plugins', {token: null, headers: {authorization}})),
    ])
    assert.equal(new Set(answers.map(({status, text}) => `${status} ${text}`)).size, 1)
    assert.is(answers[0]?.status, 401)
    assert.is(answers[0]?.headers.get('www-authenticate'), 'Bearer realm="plugin-host"')
  }),
)

test(
  'the scheme is read in any case',
  within(async ({call}) => {
    const answer = await call('GET', '/v1/plugins', {token: null, headers: {authorization: 'bearer  admin-token'}})
    assert.is(answer.status, 200)
  }),
)

test(
  'of 1,000 bad tokens the first ten get 401, the rest 429, and a good one still passes',
  within(async ({call}) => {
    const statuses: number[] = []
    for (let round = 0; round < 20; round += 1) {
      const batch = Array.from({length: 50}, (_, index) => call('GET', '/v1/plugins', {token: `bad-${round}-${index}`}))
      statuses.push(...(await Promise.all(batch)).map(answer => answer.status))
    }
    assert.is(statuses.filter(status => status === 401).length, 10)
    assert.is(statuses.filter(status => status === 429).length, 990)
    const late = await call('GET', '/v1/plugins', {token: 'bad'})
    assert.ok(Number(late.headers.get('retry-after')) >= 1)
    assert.is((await call('GET', '/v1/plugins')).status, 200)
  }),
)

test(
  'each kind of route opens to its scope and to no other',
  within(async ({call}) => {
    const body = {input: {}}
    const attempts: [method: string, path: string, body: unknown, allowed: string[]][] = [
      ['GET', '/v1/plugins', undefined, ['admin', 'read']],
      ['GET', '/metrics', undefined, ['admin', 'read']],
      ['POST', EXECUTE, body, ['admin', 'execute', 'echo']],
      ['POST', '/v1/plugins/echo/restart', undefined, ['admin']],
      ['PATCH', '/v1/registrations/echo', {}, ['admin']],
    ]
    for (const [method, path, sent, allowed] of attempts) {
      for (const name of ['admin', 'read', 'execute', 'echo', 'other']) {
        const answer = await call(method, path, {token: `${name}-token`, ...(sent !== undefined && {body: sent})})
        assert.is(answer.status, allowed.includes(name) ? 200 : 403, `${name} ${method} ${path}`)
      }
    }
  }),
)

test(
  'a bound token is told the same of a registration it may not use and of one that is not there',
  within(async ({call}) => {
    const paths = [EXECUTE, EXECUTE.replace('/echo/', '/absent/')]
    const answers = await Promise.all(paths.map(path => call('POST', path, {token: 'other-token', body: {}})))
    assert.equal(
      answers.map(answer => answer.status),
      [403, 403],
    )
  }),
)

test(
  'a bound token may cancel what it may execute',
  within(async ({call}) => {
    await call('POST', EXECUTE, {body: {}})
    assert.is((await call('POST', '/v1/executions/e1/cancel', {token: 'echo-token'})).status, 200)
    assert.is((await call('POST', '/v1/executions/e1/cancel', {token: 'other-token'})).status, 403)
    assert.is((await call('POST', '/v1/executions/e9/cancel', {token: 'echo-token'})).status, 403)
  }),
)

test(
  'a foreign Host header is refused on loopback, on open routes too',
  within(async ({port}) => {
    const ask = (host: string): Promise<string> =>
      sendRaw(port, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    assert.match(await ask('evil.example'), /^HTTP\/1\.1 421 .*HOST_HEADER_REFUSED/s)
    assert.match(await ask(`localhost:${port}`), /^HTTP\/1\.1 200 /)
    assert.match(await sendRaw(port, 'GET /healthz HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 421 /)
  }),
)

test(
  'more than 64 headers are refused, 64 are not',
  within(async ({port}) => {
    const ask = (count: number): Promise<string> => {
      const extra = Array.from({length: count - 2}, (_, index) => `x${index}: 1\r\n`).join('')
      return sendRaw(port, `GET /healthz HTTP/1.1\r\nHost: localhost\r\n${extra}Connection: close\r\n\r\n`)
    }
    assert.match(await ask(64), /^HTTP\/1\.1 200 /)
    assert.match(await ask(65), /^HTTP\/1\.1 431 .*REQUEST_HEADERS_TOO_LARGE/s)
  }),
)

test(
  'every answer forbids sniffing and referrers, and those behind a token forbid storing',
  within(async ({call}) => {
    for (const [path, token] of [
      ['/healthz', null],
      ['/v1/plugins', 'admin-token'],
      ['/v1/plugins', null],
      ['/v1/x', 'admin-token'],
    ] as const) {
      const {headers} = await call('GET', path, {token})
      assert.is(headers.get('x-content-type-options'), 'nosniff')
      assert.is(headers.get('referrer-policy'), 'no-referrer')
      if (path !== '/healthz') assert.is(headers.get('cache-control'), 'no-store')
      assert.is(headers.get('access-control-allow-origin'), null)
    }
  }),
)

test.run()
