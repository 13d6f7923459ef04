import {suite} from 'uvu'
import {equal, is, match, ok} from 'uvu/assert'
import {toWireError} from '../../host/execution/wire-error.ts'
import type {Effect, WireError} from '../../runtime/protocol.ts'
import {refusal} from '../support/executor.ts'
import {type RestTest, withRest} from '../support/rest.ts'

const test = suite('main server by REST: faults')

const NEW = {subject: 'Printer', requester: 'ann@example.com'}
const UPDATE: Effect = {op: 'request.update', request: '1', fields: {subject: 'Other'}}
const CHANGE = 'POST /api/v1/request/1'
const READ = 'GET /api/v1/request/1'

/** How a failed effect reads in an outcome. */
async function fail({rest}: RestTest, effect: Effect): Promise<Partial<WireError>> {
  const context = {execution: 'e', plugin: 'ad', by: 'x'}
  const {code, category, retryable, message} = toWireError(await refusal(rest.applyEffect(effect, context)))
  return {code, category, retryable, message}
}

/** With request 1 there. */
const withRequest = (run: (test: RestTest) => Promise<void>, settings: Parameters<typeof withRest>[1] = {}) =>
  withRest(async opened => {
    await opened.rest.create('request', NEW, 'ann')
    opened.server.calls.length = 0
    await run(opened)
  }, settings)

const count = ({server}: RestTest, line: string): number => server.calls.filter(call => call === line).length

test('too many calls: waits as the headers say, then goes on', () =>
  withRequest(async opened => {
    opened.server.fail(CHANGE, {status: 429, headers: {'x-ratelimit-reset': '120'}})
    await opened.rest.update('request', '1', {subject: 'Other'}, 'ann')
    is(count(opened, CHANGE), 2)
    is(opened.server.state.request.get(1)?.subject, 'Other')
    opened.server.fail(READ, {status: 429, headers: {'retry-after': '0'}}, {status: 429, headers: {'retry-after': '0'}})
    is((await opened.rest.get('request', '1'))?.subject, 'Other')
    ok(Number((await opened.rest.status()).rateLimitRemaining) < 1000)
  }))

test('a wait that is longer than the time there is ends the call, and tells when to come again', () =>
  withRequest(async opened => {
    opened.server.fail(CHANGE, {status: 429, headers: {'x-ratelimit-reset': '3600000'}})
    const error = await refusal(opened.rest.update('request', '1', {subject: 'Other'}, 'ann'))
    const {code, category, retryable, retryAfterMs} = toWireError(error)
    equal([code, category, retryable, retryAfterMs], ['MAIN_SERVER_UNAVAILABLE', 'rateLimit', true, 3_600_000])
    is(count(opened, CHANGE), 1)
    is(opened.server.state.request.get(1)?.subject, 'Printer')
  }))

test('a server in trouble is asked again for what changes nothing, and never for a change', () =>
  withRequest(async opened => {
    opened.server.fail(READ, {status: 500}, {status: 502})
    is((await opened.rest.get('request', '1'))?.subject, 'Printer')
    is(count(opened, READ), 3)
    opened.server.fail(READ, {status: 500}, {status: 500}, {status: 500})
    const broken = toWireError(await refusal(opened.rest.get('request', '1')))
    equal([broken.code, broken.category, broken.retryable], ['MAIN_SERVER_UNAVAILABLE', 'unavailable', true])
    opened.server.fail(CHANGE, {status: 500, done: true})
    const lost = await fail(opened, UPDATE)
    equal([lost.code, lost.category, lost.retryable], ['MAIN_SERVER_UNAVAILABLE', 'unknown', false])
    is(count(opened, CHANGE), 1)
    is(opened.server.state.request.get(1)?.subject, 'Other')
    opened.server.fail(CHANGE, {status: 503})
    const busy = await fail(opened, UPDATE)
    equal([busy.category, busy.retryable], ['unavailable', true])
  }))

test('what was done and not told so is unknown: no answer, half an answer, an answer that is no JSON', () =>
  withRequest(
    async opened => {
      for (const fault of [{silent: true}, {cut: true}, {text: '<html>Login</html>'}]) {
        opened.server.fail(CHANGE, {...fault, done: true})
        const lost = await fail(opened, UPDATE)
        equal(
          [lost.code, lost.category, lost.retryable],
          ['MAIN_SERVER_UNAVAILABLE', 'unknown', false],
          JSON.stringify(fault),
        )
      }
      is(count(opened, CHANGE), 3)
    },
    {timeoutMs: 700},
  ))

test('the same faults of a read are gone at the next try; one that stays ends with the time', () =>
  withRequest(
    async opened => {
      for (const fault of [{cut: true}, {text: 'oops'}]) {
        opened.server.fail(READ, fault)
        is((await opened.rest.get('request', '1'))?.subject, 'Printer')
      }
      opened.server.fail(READ, {silent: true})
      const error = toWireError(await refusal(opened.rest.get('request', '1')))
      equal([error.code, error.category], ['MAIN_SERVER_UNAVAILABLE', 'unavailable'])
      match(error.message, /no answer within \d+ ms/)
    },
    {timeoutMs: 1500},
  ))

test('a business rule refuses with the words for people, also under HTTP 200', () =>
  withRequest(async opened => {
    const closing = await fail(opened, {op: 'request.update', request: '1', fields: {status: 'Closed'}})
    equal([closing.code, closing.category, closing.retryable], ['EFFECT_FAILED', 'business', false])
    match(closing.message ?? '', /A note is required to close the request/)
    await opened.rest.addNote('1', {text: 'Done'}, 'ann')
    await opened.rest.update('request', '1', {status: 'Closed'}, 'ann')
    const wrong = await fail(opened, {op: 'request.update', request: '1', fields: {priority: 'Sky-high'}})
    equal([wrong.code, wrong.category], ['EFFECT_FAILED', 'business'])
    match(wrong.message ?? '', /No priority found with name Sky-high/)
    const bare = await refusal(opened.rest.create('request', {subject: 'x'}, 'ann'))
    match(bare.message, /^Cannot create the request on the main server: Mandatory fields are missing: requesterEmail/)
  }))

test('nobody listens: nothing was sent, and it may be tried again', () =>
  withRequest(async opened => {
    await opened.server.stop()
    const effect = await fail(opened, UPDATE)
    equal([effect.code, effect.category, effect.retryable], ['MAIN_SERVER_UNAVAILABLE', 'unavailable', true])
    match((await opened.rest.status()).message, /nothing listens at its address/)
  }))

test.run()
