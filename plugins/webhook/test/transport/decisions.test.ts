import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import type {Plan} from '../../request/plan-request.ts'
import {bypassesProxy} from '../../transport/bypass-proxy.ts'
import {decideRedirect} from '../../transport/decide-redirect.ts'
import {explainFailure} from '../../transport/explain-failure.ts'
import {type Phase, TransportFailure} from '../../transport/transport-failure.ts'

const test = suite('transport-decisions')

test('The list of exceptions knows hosts, suffixes, ports, networks and everything', () => {
  const cases: [string, string, boolean][] = [
    ['http://intern.example', 'intern.example', true],
    ['http://INTERN.example.', 'intern.EXAMPLE', true],
    ['http://a.intern.example', 'intern.example', false],
    ['http://a.intern.example', '.intern.example', true],
    ['http://intern.example', '*.intern.example', true],
    ['http://evilintern.example', '.intern.example', false],
    ['https://h:8443', 'h:8443', true],
    ['https://h', 'h:8443', false],
    ['https://h', 'h:443', true],
    ['http://10.1.2.3', '10.0.0.0/8', true],
    ['http://11.1.2.3', '10.0.0.0/8', false],
    ['http://h', '10.0.0.0/8', false],
    ['http://10.1.2.3', '10.0.0.0/99', false],
    ['http://[fd00::1]', 'fd00::/8', true],
    ['http://[::1]:80', '::1', true],
    ['http://h', '*', true],
    ['http://h', ' ', false],
  ]
  for (const [url, entry, bypassed] of cases)
    assert.is(bypassesProxy(new URL(url), [entry]), bypassed, `${url} ${entry}`)
})

function plan(method: string, url: string): Plan {
  const headers = new Map(
    [
      ['authorization', 'Basic x'],
      ['x-api-key', 'k'],
      ['cookie', 'c'],
      ['content-type', 'text/plain'],
      ['accept', '*/*'],
    ].map(([name = '', value = '']) => [name, {name, value}]),
  )
  return {method, url: new URL(url), headers, body: 'b', repeatable: false}
}

test('A redirect to another origin leaves every credential behind', () => {
  for (const location of ['https://other.example/x', 'https://h:8443/x', '//other.example/x']) {
    const next = decideRedirect(plan('POST', 'https://h/'), 307, location)
    assert.equal([...(next?.headers.keys() ?? [])], ['content-type', 'accept'], location)
    assert.is(next?.body, 'b')
  }
  assert.is(decideRedirect(plan('POST', 'https://h/a/b'), 308, '../c')?.headers.get('authorization')?.value, 'Basic x')
})

test('303 becomes a GET without body, 307 and 308 keep what was sent', () => {
  const after = decideRedirect(plan('POST', 'https://h/a'), 303, '/done#x')
  assert.equal(
    [after?.method, after?.body, after?.url.href, after?.headers.has('content-type')],
    ['GET', undefined, 'https://h/done', false],
  )
  assert.is(decideRedirect(plan('HEAD', 'https://h/a'), 303, '/x')?.method, 'HEAD')
  assert.is(decideRedirect(plan('PUT', 'https://h/a'), 307, '/x')?.method, 'PUT')
})

test('Redirects from https to http, to other schemes, with credentials, or that drop a body are refused', () => {
  const refused: [string, number, string][] = [
    ['GET', 302, 'http://h/'],
    ['GET', 302, 'file:///etc/passwd'],
    ['GET', 302, 'javascript:x'],
    ['GET', 302, 'https://u:p@h/'],
    ['GET', 302, 'https://'],
    ['POST', 301, '/login'],
    ['POST', 302, '/login'],
  ]
  for (const [method, status, location] of refused) {
    assert.throws(
      () => decideRedirect(plan(method, 'https://h/'), status, location),
      /Cannot follow the redirect/,
      location,
    )
  }
  assert.is(decideRedirect(plan('GET', 'http://h/'), 302, 'https://h/')?.url.href, 'https://h/')
  for (const [status, location] of [
    [304, '/x'],
    [200, '/x'],
    [302, undefined],
  ] as const) {
    assert.is(decideRedirect(plan('GET', 'https://h/'), status, location), undefined)
  }
})

test('What failed before sending is retryable; after it only what may be repeated', () => {
  const explain = (phase: Phase, code: string, repeatable: boolean, timedOut = false) => {
    const error = explainFailure(new TransportFailure(phase, 'h:1', code), {repeatable, timedOut})
    return [error.category, error.retryable, error.code]
  }
  assert.equal(explain('connect', 'ECONNREFUSED', false), ['network', true, 'CONNECT'])
  assert.equal(explain('dns', 'ENOTFOUND', false), ['network', true, 'DNS'])
  assert.equal(explain('tls', 'ECONNRESET', false), ['network', true, 'TLS'])
  assert.equal(explain('connect', 'TIMEOUT', false), ['unavailable', true, 'CONNECT_TIMEOUT'])
  assert.equal(explain('send', 'ECONNRESET', false), ['unknown', false, 'CONNECTION_LOST'])
  assert.equal(explain('send', 'ECONNRESET', true), ['network', true, 'CONNECTION_LOST'])
  assert.equal(explain('send', 'X', false, true), ['unknown', false, 'ANSWER_TIMEOUT'])
  assert.equal(explain('answer', 'X', true, true), ['unavailable', true, 'ANSWER_TIMEOUT'])
  assert.equal(explain('tls', 'CERT_HAS_EXPIRED', false), ['network', false, 'TLS'])
  assert.equal(explain('send', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', false), ['network', false, 'TLS'])
  assert.equal(explain('proxy', '407', false), ['auth', false, 'PROXY_AUTH'])
  const later = explainFailure(new TransportFailure('connect', 'h:1', 'ECONNREFUSED'), {
    repeatable: false,
    timedOut: false,
    sentBefore: true,
  })
  assert.equal([later.category, later.retryable], ['unknown', false])
})

test.run()
