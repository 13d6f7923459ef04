import {readFileSync} from 'node:fs'
import {rename} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {createHost, createLog, type HostError, isHostError, loadConfig, type OpenedHost} from '../../host/index.ts'
import {SECRET_MASK} from '../../host/types.ts'
import {makeCertificates} from '../../plugins/webhook/test/certificates.ts'
import {deadline} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {withHost} from '../support/plugin-harness.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('registrations, end to end')
const text = {type: 'string'}
const CONFIG = {
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['server', 'password'],
    properties: {
      server: text,
      password: {...text, 'x-fp-secret': true},
      ca: {...text, 'x-fp-widget': 'certificate', 'x-fp-when': {field: 'server', startsWith: 'ldaps:'}},
      unit: {...text, 'x-fp-options': {search: true, dependsOn: ['server']}},
    },
  },
}

function withAsking(run: (opened: OpenedHost & {folder: string}) => Promise<void>): Promise<void> {
  return withHost({}, opened =>
    deadline(60_000, async () => {
      await opened.host.installBundle(await buildFixture(opened.folder, 'asks', {config: CONFIG}))
      await run(opened)
    }),
  )
}

async function refusal(promise: Promise<unknown>): Promise<HostError> {
  const error = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  if (isHostError(error)) return error
  throw new Error(`Cannot see a refusal: ${String(error)}`)
}

const pointersOf = (error: HostError): unknown =>
  (error.details.problems as {pointer: string}[]).map(problem => problem.pointer)

test('a draft is kept, tested and filled in, cannot be used, and becomes a registration', () =>
  withAsking(async ({host}) => {
    const draft = await host.createRegistration({plugin: 'asks', id: 'ad', name: 'AD', draft: true, notes: 'mind it'})
    assert.equal([draft.draft, draft.enabled, draft.notes], [true, false, 'mind it'])
    assert.equal(
      draft.problems.map(({pointer, message}) => `${pointer} ${message}`),
      ['/server is required', '/password is required'],
    )
    assert.equal(pointersOf(await refusal(host.updateRegistration('ad', {enabled: true}))), ['/server', '/password'])
    assert.is(
      (await refusal(host.execute({registration: 'ad', action: 'echo', input: {}}))).code,
      'REGISTRATION_DISABLED',
    )
    assert.equal(pointersOf(await refusal(host.testRegistration('ad'))), ['/server', '/password'])

    const tried = await host.testRegistration('ad', {config: {server: 'ldap://a', password: 'wrong-password'}})
    assert.equal(
      [tried.ok, tried.stages.map(({name, ok}) => [name, ok])],
      [
        false,
        [
          ['reach', true],
          ['login', false],
        ],
      ],
    )
    assert.ok(tried.durationMs >= 0 && tried.stages.every(stage => stage.durationMs >= 0))
    assert.not.match(JSON.stringify(tried), /wrong-password/)
    assert.match(JSON.stringify(tried), /refused \[secret\]/)
    assert.is((await host.testRegistration('ad', {config: {server: 'a', password: 'open-sesame'}})).ok, true)

    const half = await host.updateRegistration('ad', {config: {server: 'ldap://a'}})
    assert.equal([half.draft, half.problems.map(({pointer}) => pointer)], [true, ['/password']])
    const whole = await host.updateRegistration('ad', {config: {server: 'ldap://a', password: 'open-sesame'}})
    assert.equal([whole.draft, whole.enabled, whole.problems], [false, false, []])
    assert.is((await host.updateRegistration('ad', {enabled: true})).enabled, true)
    const outcome = await host.execute({registration: 'ad', action: 'echo', input: {}})
    assert.equal(outcome.output, {server: 'ldap://a', password: '[secret]'})
  }))

test('choices are listed with what is filled in over what is stored, and not before what they depend on', () =>
  withAsking(async ({host}) => {
    await host.createRegistration({
      plugin: 'asks',
      id: 'ad',
      name: 'AD',
      draft: true,
      config: {password: 'open-sesame'},
    })
    const missing = await refusal(host.listOptions('ad', 'unit'))
    assert.is(missing.code, 'CONFIG_INVALID')
    assert.match(missing.message, /\/server is needed for the choices of "unit"/)

    const values = {server: 'ldap://b', password: SECRET_MASK, other: 'of an input'}
    const {options} = await host.listOptions('ad', 'unit', {search: 'x', values})
    const filled = {password: '[secret]', server: 'ldap://b', other: 'of an input'}
    assert.equal(options, [{value: {search: 'x', values: filled, config: filled}, label: 'what it was asked'}])

    const failure = await refusal(host.listOptions('ad', 'broken'))
    assert.is(failure.code, 'OPTIONS_FAILED')
    assert.match(failure.message, /cannot log in with \[secret\]/)
  }))

test('a certificate is put as a file, shown as it is, and refused when it is none', () =>
  withAsking(async ({host}) => {
    const {ca, server, expired} = await makeCertificates()
    const config = {server: 'ldaps://a', password: 'open-sesame'}
    await host.createRegistration({plugin: 'asks', id: 'ad', name: 'AD', config})
    const put = await host.putRegistrationFile('ad', 'ca', ca)
    assert.is(put.config.ca, ca)
    assert.match(JSON.stringify(put.problems), /\/ca.*expires on .* renew it soon/, 'it was made for two days')
    assert.is((await host.putRegistrationFile('ad', 'ca', `${ca}${server.cert}`)).enabled, true, 'a chain')
    const wrong: [string, RegExp][] = [
      ['hello', /is no PEM text/],
      [expired.cert, /has expired/],
      [`${ca}\n${server.key}`, /holds a private key/],
      [ca.slice(0, 200), /is cut off or damaged/],
    ]
    for (const [pem, message] of wrong) {
      const error = await refusal(host.putRegistrationFile('ad', 'ca', pem))
      assert.equal([error.code, pointersOf(error)], ['CONFIG_INVALID', ['/ca']])
      assert.match(error.message, message)
    }
    assert.is((await refusal(host.putRegistrationFile('ad', 'server', 'x'))).code, 'REQUEST_INVALID')
    assert.is((await host.putRegistrationFile('ad', 'ca', '')).config.ca, undefined)
    await host.putRegistrationFile('ad', 'ca', ca)
    const plain = await host.updateRegistration('ad', {config: {...config, server: 'ldap://a', ca}})
    assert.is(plain.config.ca, undefined, 'hidden without TLS')
  }))

test('a data folder that was moved serves where it is now, files of executions and all', () =>
  withTempFolder(folder =>
    deadline(60_000, async () => {
      const open = (name: string): Promise<OpenedHost> =>
        createHost({config: loadConfig({dataFolder: join(folder, name)}), log: createLog('silent')})
      const permissions = {hostApi: ['kv.get' as const, 'kv.set' as const]}
      const bundle = await buildFixture(folder, 'calls-host', {permissions, actions: {artifact: {}, kv: {}}})
      const run = {registration: 'calls-host', action: 'artifact', input: {lines: 2}}
      const first = await open('here')
      await first.host.installBundle(bundle)
      const {execution} = await first.host.execute(run)
      assert.is(readFileSync(first.host.getArtifact(execution, 'report.csv').path, 'utf8'), 'a;b\na;b\n')
      await first.host.stop()
      await rename(join(folder, 'here'), join(folder, 'there'))
      const second = await open('there')
      try {
        assert.is((await second.host.execute(run)).status, 'succeeded')
        assert.is((await second.host.execute({...run, action: 'kv', input: 'kept'})).output, 'kept')
        const {path} = second.host.getArtifact(execution, 'report.csv')
        assert.is(path, join(folder, 'there/artifacts', execution, 'report.csv'))
        assert.is(readFileSync(path, 'utf8'), 'a;b\na;b\n')
      } finally {
        await second.host.stop()
      }
    }),
  ))

test.run()
