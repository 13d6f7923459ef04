import {suite} from 'uvu'
import {equal, is, match, not} from 'uvu/assert'
import {type ErrorCode, HostError} from '../../host/errors.ts'
import {SECRET_MASK} from '../../host/types.ts'
import {describePlugin, withRegistry} from '../support/registry.ts'

const test = suite('registrations')
const mail = describePlugin(
  'mail',
  {
    type: 'object',
    additionalProperties: false,
    required: ['host'],
    properties: {
      host: {type: 'string'},
      port: {type: 'integer', default: 25},
      password: {type: 'string', 'x-fp-secret': true},
    },
  },
  ['host'],
)
const echo = describePlugin('echo')

function refused(code: ErrorCode, run: () => unknown): HostError {
  try {
    run()
  } catch (error) {
    if (error instanceof HostError && error.code === code) return error
    throw error
  }
  throw new Error(`Cannot see ${code}: nothing was thrown`)
}

test('a registration reads masked, opens in the clear with defaults, and is there after a restart', () =>
  withRegistry([mail], ({registrations, reopen, clock}) => {
    const config = {host: 'h', password: 'secret-1'}
    const made = registrations.create({plugin: 'mail', name: ' Main mail ', config})
    const now = clock.now()
    const shown = {host: 'h', port: 25, password: SECRET_MASK}
    const expected = {id: 'main-mail', plugin: 'mail', name: 'Main mail', enabled: true, createdAt: now, updatedAt: now}
    equal(made, {...expected, draft: false, notes: '', settings: {}, problems: [], config: shown})
    equal(config, {host: 'h', password: 'secret-1'}, 'the caller’s object is left alone')
    for (const registry of [registrations, reopen()]) {
      equal(registry.get('main-mail'), made)
      equal(registry.list({plugin: 'mail'}), [made])
      equal(registry.openConfig('main-mail'), {host: 'h', port: 25, password: 'secret-1'})
    }
    equal(registrations.list({plugin: 'other'}), [])
  }))

test('ids are made from names, each its own; a given one must be well-formed and free', () =>
  withRegistry([echo], ({registrations}) => {
    const create = (name: string, id?: string): string =>
      registrations.create({plugin: 'echo', name, ...(id !== undefined && {id})}).id
    is(create('Münster / DC 2'), 'munster-dc-2')
    is(create('Münster DC-2'), 'munster-dc-2-2')
    is(create('日本'), 'echo')
    is(create('x'.repeat(100)).length, 60)
    is(create('Any', 'given.id'), 'given.id')
    refused('REGISTRATION_EXISTS', () => create('Another', 'given.id'))
    match(refused('REGISTRATION_EXISTS', () => create('ANY ')).message, /"given.id" of the same plugin has this name/)
    for (const id of ['', 'A', '../x', 'a b', '-a', 'a'.repeat(101)])
      refused('REQUEST_INVALID', () => create('Any', id))
    for (const name of ['', '  ', 'x'.repeat(101)]) refused('REQUEST_INVALID', () => create(name))
  }))

test('a configuration that does not fit is refused with its place and without its values', () =>
  withRegistry([mail, echo], ({registrations}) => {
    const create = (plugin: string, config: {[key: string]: string}): unknown =>
      registrations.create({plugin, name: 'n', config})
    match(refused('CONFIG_INVALID', () => create('mail', {})).message, /\/host is required/)
    const error = refused('CONFIG_INVALID', () => create('mail', {host: 'h', port: 'secret-2'}))
    equal(
      (error.details.problems as {pointer: string}[]).map(({pointer}) => pointer),
      ['/port'],
    )
    not.match(error.message, /secret-2/)
    match(refused('CONFIG_INVALID', () => create('echo', {any: 'x'})).message, /\/any is not a known key/)
    match(refused('CONFIG_INVALID', () => create('mail', {host: 'h', password: SECRET_MASK})).message, /\/password/)
    refused('PLUGIN_NOT_FOUND', () => create('none', {}))
    equal(registrations.list(), [])
  }))

test('two registrations of a plugin may not have the same unique fields, also after a change', () =>
  withRegistry([mail], ({registrations}) => {
    registrations.create({plugin: 'mail', name: 'One', config: {host: 'a'}})
    const create = (host: string): unknown => registrations.create({plugin: 'mail', name: 'Two', config: {host}})
    match(refused('REGISTRATION_EXISTS', () => create('a')).message, /"One" has the same host/)
    create('b')
    refused('REGISTRATION_EXISTS', () => registrations.update('two', {config: {host: 'a'}}))
    is(registrations.update('two', {config: {host: 'b', port: 26}}).config.port, 26)
  }))

test('a masked secret stays what it was, a new one replaces it, and a failed change changes nothing', () =>
  withRegistry([mail], ({registrations, reopen, clock}) => {
    const {id, config, updatedAt} = registrations.create({
      plugin: 'mail',
      name: 'One',
      config: {host: 'a', password: 'secret-1'},
    })
    clock.advance(10)
    const changed = registrations.update(id, {config: {...config, host: 'b'}, name: 'New', enabled: false})
    equal([changed.name, changed.enabled, changed.id, changed.updatedAt], ['New', false, id, updatedAt + 10])
    equal(reopen().openConfig(id), {host: 'b', port: 25, password: 'secret-1'})
    registrations.update(id, {config: {...config, password: 'secret-2'}})
    is(registrations.openConfig(id).password, 'secret-2')
    refused('CONFIG_INVALID', () => registrations.update(id, {config: {host: 1}, name: 'Not'}))
    equal([registrations.get(id).name, registrations.openConfig(id).password], ['New', 'secret-2'])
    equal(registrations.completeConfig(id, {host: 'try', password: SECRET_MASK}).password, 'secret-2')
    is(registrations.get(id).config.host, 'a', 'trying out stores nothing')
  }))

test('a plugin that needs no configuration gets one registration of its own name, once', () =>
  withRegistry([mail, echo, describePlugin('odd', {type: 'object', minProperties: 1})], ({registrations}) => {
    is(registrations.createDefault('echo')?.id, 'echo')
    is(registrations.createDefault('echo'), null)
    is(registrations.createDefault('mail'), null)
    is(registrations.createDefault('odd'), null)
    registrations.remove('echo')
    registrations.create({plugin: 'echo', name: 'Mine'})
    is(registrations.createDefault('echo'), null)
  }))

test('what is removed is gone for good', () =>
  withRegistry([echo], ({registrations, reopen}) => {
    for (const name of ['a', 'b', 'c']) registrations.create({plugin: 'echo', name})
    registrations.remove('a')
    refused('REGISTRATION_NOT_FOUND', () => registrations.get('a'))
    refused('REGISTRATION_NOT_FOUND', () => registrations.remove('a'))
    is(registrations.find('a'), undefined)
    equal(registrations.removeAll('echo'), ['b', 'c'])
    equal(reopen().list(), [])
  }))

test('redactors know the secrets of now, of all registrations of the plugin', () =>
  withRegistry([mail], ({registrations, manifests, reopen}) => {
    const one = registrations.create({plugin: 'mail', name: 'One', config: {host: 'host-one', password: 'secret-1'}})
    registrations.create({plugin: 'mail', name: 'Two', config: {host: 'host-two', password: 'secret-2'}})
    const text = 'secret-1 secret-2 secret-3 host-one'
    is(registrations.redactorFor('one'), registrations.redactorFor('one'))
    is(registrations.redactorFor('one').text(text), '[secret] [secret] secret-3 host-one')
    is(registrations.redactorOfPlugin('mail').text(text), '[secret] [secret] secret-3 host-one')
    registrations.update('one', {config: {...one.config, password: 'secret-3'}})
    is(reopen().redactorFor('one').text(text), 'secret-1 [secret] [secret] host-one')
    is(reopen().redactorOfPlugin('mail').text(text), 'secret-1 [secret] [secret] host-one')
    manifests.set('mail', describePlugin('mail', {type: 'object', properties: {host: {'x-fp-secret': true}}}))
    is(reopen().redactorFor('one').text(text), 'secret-1 secret-2 secret-3 [secret]')
    is(registrations.redactorFor('none').text(text), text)
  }))

test('a value that was replaced, removed or only tried is redacted on, as the plugin may still speak of it', () =>
  withRegistry([mail], ({registrations}) => {
    const one = registrations.create({plugin: 'mail', name: 'One', config: {host: 'h', password: 'secret-1'}})
    registrations.update('one', {config: {...one.config, password: 'secret-2'}})
    const text = 'secret-1 secret-2 secret-3'
    const early = registrations.redactorFor('one')
    is(early.text(text), '[secret] [secret] secret-3')
    registrations.completeConfig('one', {host: 'h', password: 'secret-3'})
    is(early.text(text), '[secret] [secret] [secret]', 'also by one that was asked for before')
    registrations.remove('one')
    is(registrations.redactorFor('one').text(text), '[secret] [secret] [secret]')
    is(registrations.redactorOfPlugin('mail').text(text), '[secret] [secret] [secret]')
  }))

test('a new version’s defaults are filled in when a configuration is opened for it', () =>
  withRegistry([mail], ({registrations}) => {
    registrations.create({plugin: 'mail', name: 'One', config: {host: 'a'}})
    const properties = {host: {type: 'string'}, port: {type: 'integer'}, tls: {type: 'boolean', default: true}}
    const next = describePlugin('mail', {type: 'object', properties})
    equal(registrations.openConfig('one', next), {host: 'a', port: 25, tls: true})
    equal(registrations.openConfig('one'), {host: 'a', port: 25})
  }))

test.run()
