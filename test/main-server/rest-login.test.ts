import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import {equal, is, match, not, ok} from 'uvu/assert'
import {loadConfig} from '../../host/config.ts'
import {HostError} from '../../host/errors.ts'
import {toWireError} from '../../host/execution/wire-error.ts'
import {readAccess} from '../../host/main-server/rest/access.ts'
import {ACCOUNT, API_KEY} from '../services/itsm-server/tokens.ts'
import {refusal} from '../support/executor.ts'
import {createFakeClock} from '../support/fake-clock.ts'
import {withRest} from '../support/rest.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('main server by REST: login and fields')

const NEW = {subject: 'Printer', requester: 'ann@example.com'}

test('a token that ends in between is renewed once for all who wait, and no call is lost', () =>
  withRest(async ({rest, server}) => {
    const {tokens, calls} = server
    await rest.create('request', NEW, 'ann')
    equal(tokens.asked, ['password'])
    tokens.expire()
    const subjects = await Promise.all(Array.from({length: 8}, () => rest.get('request', '1')))
    ok(subjects.every(record => record?.subject === 'Printer'))
    equal(tokens.asked, ['password', 'refresh_token'])
    tokens.expire()
    tokens.forgetRefresh()
    await rest.update('request', '1', {subject: 'Other'}, 'ann')
    equal(tokens.asked, ['password', 'refresh_token', 'refresh_token', 'password'])
    is(calls.filter(call => call === 'POST /api/v1/request/1').length, 1)
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
