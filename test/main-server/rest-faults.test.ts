import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import {equal, is, match, not, ok} from 'uvu/assert'
import {loadConfig} from '../../host/config.ts'
import {HostError} from '../../host/errors.ts'
import {toWireError} from '../../host/execution/wire-error.ts'
import {readAccess} from '../../host/main-server/rest/access.ts'
import type {Effect, WireError} from '../../runtime/protocol.ts'
import {ACCOUNT, API_KEY} from '../services/itsm-server/tokens.ts'
import {refusal} from '../support/executor.ts'
import {createFakeClock} from '../support/fake-clock.ts'
import {type RestTest, withRest} from '../support/rest.ts'
import {withTempFolder} from '../support/temp.ts'

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

test('a token that ends in between is renewed once for all who wait, and no call is lost', () =>
  withRequest(async opened => {
    const {tokens} = opened.server
    equal(tokens.asked, ['password'])
    tokens.expire()
    const subjects = await Promise.all(Array.from({length: 8}, () => opened.rest.get('request', '1')))
    ok(subjects.every(record => record?.subject === 'Printer'))
    equal(tokens.asked, ['password', 'refresh_token'])
    tokens.expire()
    tokens.forgetRefresh()
    await opened.rest.update('request', '1', {subject: 'Other'}, 'ann')
    equal(tokens.asked, ['password', 'refresh_token', 'refresh_token', 'password'])
    is(count(opened, CHANGE), 1)
  }))

test('a token is renewed before it ends', () => {
  const clock = createFakeClock()
  return withRest(
    async ({rest, server}) => {
      await rest.get('request', '1')
      clock.advance(7_199_000 - 60_000 - 10)
      await rest.get('request', '1')
      equal(server.tokens.asked, ['password'])
      clock.advance(20)
      await rest.get('request', '1')
      equal(server.tokens.asked, ['password', 'refresh_token'])
    },
    {},
    clock,
  )
})

test('refused credentials are told without the secret, and not tried in a row', () =>
  withRest(
    async ({rest, server}) => {
      for (let time = 0; time < 3; time++) {
        const error = await refusal(rest.get('request', '1'))
        const {code, category, retryable} = toWireError(error)
        equal([code, category, retryable], ['MAIN_SERVER_UNAVAILABLE', 'auth', false])
        not.match(JSON.stringify([error.message, error.details]), /wrong-password|client-secret/)
      }
      equal(server.tokens.asked, ['password'])
      const status = await rest.status()
      equal([status.kind, status.ok], ['rest', false])
      match(status.message, /refused the user or the client/)
    },
    {password: 'wrong-password'},
  ))

test('an API key takes the place of user and client; a wrong one is told', () =>
  withRest(
    async ({rest, server}) => {
      is((await rest.create('request', NEW, 'ann')).id, '1')
      equal(server.tokens.asked, [])
    },
    {apiKey: API_KEY},
  ))

test('a wrong API key is told once, and no user is tried', () =>
  withRest(
    async ({rest, server}) => {
      const {category} = toWireError(await refusal(rest.get('request', '1')))
      equal([category, server.tokens.asked, server.calls], ['auth', [], []])
    },
    {apiKey: 'wrong'},
  ))

test('nobody listens: nothing was sent, and it may be tried again', () =>
  withRequest(async opened => {
    await opened.server.stop()
    const effect = await fail(opened, UPDATE)
    equal([effect.code, effect.category, effect.retryable], ['MAIN_SERVER_UNAVAILABLE', 'unavailable', true])
    match((await opened.rest.status()).message, /nothing listens at its address/)
  }))

test('fields that come, go and change are told once; while it does not answer the last ones stand', () => {
  const clock = createFakeClock()
  return withRest(
    async ({rest, server, drifts}) => {
      const first = await rest.listFields('request')
      is(await rest.listFields('request'), first)
      clock.advance(300_001)
      is(await rest.listFields('request'), first, 'the same list while nothing has changed')
      const [phone, floor, ...others] = server.state.forms.request
      ok(phone && floor)
      const added = {id: 60, name: 'Room', inputType: 'TEXT', required: false, systemManaged: false}
      server.state.forms.request = [{...phone, name: 'Mobile'}, ...others, added]
      is(await rest.listFields('request'), first, 'it is young enough')
      clock.advance(300_001)
      const next = await rest.listFields('request')
      equal(
        next.flatMap(({id, label}) => (/^cf:(35|36|60)$/.test(id) ? [[id, label]] : [])),
        [
          ['cf:35', 'Mobile'],
          ['cf:60', 'Room'],
        ],
      )
      equal(
        drifts.flat().map(({field, change}) => [field, change]),
        [
          ['cf:36', 'removed'],
          ['cf:60', 'added'],
          ['cf:35', 'changed'],
        ],
      )
      equal((await rest.status()).drift, drifts.flat())
      clock.advance(300_001)
      await server.stop()
      is(await rest.listFields('request'), next)
    },
    {timeoutMs: 0},
    clock,
  )
})

test('settings that cannot work are refused at the start, and no secret is in the words', () =>
  withTempFolder(async folder => {
    const file = join(folder, 'password')
    await writeFile(file, 'from-a-file\n')
    const read = (settings: object): ReturnType<typeof readAccess> =>
      readAccess(loadConfig({mainServer: {kind: 'rest', url: 'https://itsm.example.com', ...settings}}).mainServer)
    const {password: _, ...account} = ACCOUNT
    equal(read({...account, passwordFile: file}).credentials, {kind: 'password', ...account, password: 'from-a-file'})
    const wrong: [settings: object, reason: RegExp][] = [
      [{url: ''}, /mainServer.url must be/],
      [{url: 'itsm.example.com'}, /mainServer.url must be/],
      [{url: 'https://u:s3cret@h/'}, /hold no credentials/],
      [{}, /neither mainServer.apiKey nor mainServer.username, mainServer.password/],
      [{...account, password: 's3cret', passwordFile: file}, /both given/],
      [{...account, passwordFile: join(folder, 'none')}, /cannot be read: ENOENT/],
      [{apiKey: 's3cret\nx'}, /several lines/],
      [{apiKey: 'k', ca: join(folder, 'none.pem')}, /mainServer.ca/],
    ]
    for (const [settings, reason] of wrong) {
      try {
        read(settings)
        throw new Error(`Cannot see a refusal of ${JSON.stringify(settings)}`)
      } catch (error) {
        if (!(error instanceof HostError)) throw error
        is(error.code, 'HOST_CONFIG_INVALID')
        match(error.message, reason)
        not.match(error.message, /s3cret/)
      }
    }
  }))

test.run()
