import {suite} from 'uvu'
import {equal, is, match} from 'uvu/assert'
import {type ErrorCode, HostError} from '../../host/errors.ts'
import {SECRET_MASK} from '../../host/types.ts'
import {describePlugin, withRegistry} from '../support/registry.ts'

const test = suite('drafts')
const text = {type: 'string'}
const SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['host', 'user'],
  properties: {host: text, user: text, password: {...text, 'x-fp-secret': true}},
}
const mail = describePlugin('mail', SCHEMA, ['host', 'user'])

function refused(code: ErrorCode, run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof HostError && error.code === code) return error.message
    throw error
  }
  throw new Error(`Cannot see ${code}: nothing was thrown`)
}

test('a draft survives a restart with its secret masked, and says what is missing', () =>
  withRegistry([mail], ({registrations, reopen}) => {
    const config = {host: 'h', password: 'secret-1'}
    registrations.create({plugin: 'mail', name: 'One', draft: true, notes: 'mind it', config, settings: {notes: false}})
    for (const registry of [registrations, reopen()]) {
      const {draft, enabled, notes, settings, problems, config: shown} = registry.get('one')
      equal([draft, enabled, notes, settings], [true, false, 'mind it', {notes: false}])
      equal(problems, [{pointer: '/user', message: 'is required'}])
      equal(shown, {host: 'h', password: SECRET_MASK})
      is(registry.redactorFor('one').text('secret-1'), '[secret]')
    }
    registrations.update('one', {config: {host: 'h', user: 'u', password: SECRET_MASK}, enabled: true})
    equal(reopen().openConfig('one'), {host: 'h', user: 'u', password: 'secret-1'})
  }))

test('not even a draft has unknown keys or masks without a value, notes that are too long or unknown settings', () =>
  withRegistry([mail], ({registrations}) => {
    const create = (more: object): unknown => registrations.create({plugin: 'mail', name: 'One', draft: true, ...more})
    match(
      refused('CONFIG_INVALID', () => create({config: {pasword: 'x'}})),
      /\/pasword is not a known key/,
    )
    match(
      refused('CONFIG_INVALID', () => create({config: {password: SECRET_MASK}})),
      /has no stored value to keep/,
    )
    match(
      refused('CONFIG_INVALID', () => create({settings: {retry: {max: -1}}})),
      /\/settings\/retry\/max/,
    )
    refused('REQUEST_INVALID', () => create({notes: 'x'.repeat(10_001)}))
    equal(registrations.list(), [])
  }))

test('drafts that lack a unique field stand beside others; one that has them all does not', () =>
  withRegistry([mail], ({registrations}) => {
    registrations.create({plugin: 'mail', name: 'One', config: {host: 'h', user: 'u'}})
    registrations.create({plugin: 'mail', name: 'Two', config: {host: 'h'}, draft: true})
    registrations.create({plugin: 'mail', name: 'Three', config: {host: 'h'}, draft: true})
    refused('REGISTRATION_EXISTS', () => registrations.update('two', {config: {host: 'h', user: 'u'}}))
    is(registrations.get('two').draft, true)
    refused('REGISTRATION_EXISTS', () => registrations.update('three', {name: ' TWO '}))
  }))

test('problems follow the active manifest; a draft that it asks less of can be switched on', () =>
  withRegistry([mail], ({registrations, manifests}) => {
    registrations.create({plugin: 'mail', name: 'One', config: {host: 'h', user: 'u'}})
    registrations.create({plugin: 'mail', name: 'Two', config: {host: 'i'}, draft: true})
    const required = ['host', 'user', 'password']
    manifests.set('mail', describePlugin('mail', {...SCHEMA, required}))
    equal(registrations.get('one').problems, [{pointer: '/password', message: 'is required'}])
    equal([registrations.get('one').draft, registrations.get('one').enabled], [false, true])
    is(registrations.update('one', {name: 'Renamed'}).enabled, true)
    manifests.set('mail', describePlugin('mail', {...SCHEMA, required: []}))
    equal([registrations.get('two').draft, registrations.get('two').problems], [false, []])
    equal([registrations.update('two', {enabled: true}).enabled, registrations.get('two').draft], [true, false])
    manifests.delete('mail')
    equal(registrations.get('one').problems, [{pointer: '', message: 'its plugin is not installed'}])
    equal(registrations.get('one').config, {})
    is(registrations.update('one', {enabled: false}).enabled, false)
  }))

test.run()
