import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {isHostError} from '../../host/index.ts'
import type {JsonObject} from '../../runtime/protocol.ts'
import {deadline} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {withHost} from '../support/plugin-harness.ts'

const test = suite('a configuration over versions')

const text = {type: 'string'}
const OLD = {schema: {required: ['url'], properties: {url: text, site: {...text, default: 'all'}}}}
const NEW = {
  schema: {required: ['url', 'tenant'], properties: {url: text, tenant: text, zone: {...text, default: 'z'}}},
}

test('each version gets what fits it, and one that fits no longer is refused until it is changed', () =>
  withHost({}, ({host, folder}) =>
    deadline(30_000, async () => {
      const build = (version: string, config: {schema: JsonObject}) =>
        buildFixture(folder, 'tells', {version, config, actions: {config: {}}})
      const ask = async (): Promise<unknown> => {
        const outcome = await host.execute({registration: 'one', action: 'config', input: {}})
        return (outcome.output as {mine: unknown}).mine
      }
      await host.installBundle(await build('1.0.0', OLD))
      await host.createRegistration({plugin: 'tells', id: 'one', name: 'One', config: {url: 'a'}})
      assert.equal(await ask(), {url: 'a', site: 'all'})

      await host.installBundle(await build('2.0.0', NEW), {force: true})
      try {
        await ask()
        assert.unreachable('ran with a configuration of another version')
      } catch (error) {
        assert.ok(isHostError(error, 'CONFIG_INVALID'), String(error))
        assert.match(error.message, /tenant is required/)
      }
      assert.ok(host.readLogs('tells').some(({message}) => /Cannot configure registration "one"/.test(message)))

      await host.activatePlugin('tells', '1.0.0')
      assert.equal(await ask(), {url: 'a', site: 'all'}, 'rolled back')

      await host.activatePlugin('tells', '2.0.0', {force: true})
      await host.updateRegistration('one', {config: {url: 'a', tenant: 't'}})
      assert.equal(await ask(), {url: 'a', tenant: 't', zone: 'z'})
    }),
  ))

test('switching off, on, and back to a draft reaches the running process, without a restart', () =>
  withHost({}, ({host, folder}) =>
    deadline(30_000, async () => {
      await host.installBundle(await buildFixture(folder, 'tells', {config: OLD, actions: {config: {}}}))
      await host.createRegistration({plugin: 'tells', id: 'one', name: 'One', config: {url: 'a'}})
      await host.createRegistration({plugin: 'tells', id: 'two', name: 'Two', config: {url: 'b'}})
      const ask = async (): Promise<unknown> => {
        const outcome = await host.execute({registration: 'one', action: 'config', input: {}})
        return (outcome.output as {all: unknown}).all
      }
      const pid = host.getPlugin('tells').process?.pid
      const one = {url: 'a', site: 'all'}
      const two = {url: 'b', site: 'all'}
      assert.equal(await ask(), {one, two})
      await host.updateRegistration('two', {enabled: false})
      assert.equal(await ask(), {one, two: null})
      await host.updateRegistration('two', {config: {url: 'c'}})
      assert.equal(await ask(), {one, two: null}, 'it is still off')
      await host.updateRegistration('two', {enabled: true})
      assert.equal(await ask(), {one, two: {...two, url: 'c'}})
      await host.updateRegistration('two', {config: {}, draft: true})
      assert.equal(await ask(), {one, two: null})
      await host.updateRegistration('two', {config: {url: 'd'}, enabled: true})
      assert.equal(await ask(), {one, two: {...two, url: 'd'}})
      await host.createRegistration({plugin: 'tells', id: 'three', name: 'Three', draft: true})
      assert.equal(await ask(), {one, two: {...two, url: 'd'}, three: null})
      await host.removeRegistration('two')
      assert.equal(await ask(), {one, two: null, three: null})
      assert.is(host.getPlugin('tells').process?.pid, pid)
    }),
  ))

test.run()
