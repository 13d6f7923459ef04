import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {HostError} from '../../../host/errors.ts'
import {deadline} from '../../support/deadline.ts'
import {type Served, withHttp} from '../../support/http.ts'

const test = suite('plugins')

function within(run: (served: Served) => Promise<void>): () => Promise<void> {
  return () => deadline(20_000, withHttp(run))
}

test(
  'plugins are listed and told in full, nothing left out',
  within(async ({call, host}) => {
    const listed = (await call('GET', '/v1/plugins')).json
    assert.equal(listed, JSON.parse(JSON.stringify({items: host.listPlugins()})))
    assert.equal((await call('GET', '/v1/plugins/echo')).json, JSON.parse(JSON.stringify(host.getPlugin('echo'))))
  }),
)

test(
  'each switch reaches its verb with the plugin it names',
  within(async ({call, host}) => {
    const called: string[] = []
    for (const verb of ['enablePlugin', 'disablePlugin', 'restartPlugin'] as const) {
      const original = host[verb]
      host[verb] = id => {
        called.push(`${verb} ${id}`)
        return original(id)
      }
    }
    for (const path of ['enable', 'disable', 'restart']) {
      const answer = await call('POST', `/v1/plugins/echo/${path}`)
      assert.equal([answer.status, (answer.json as {id: string}).id], [200, 'echo'])
      assert.is((await call('POST', `/v1/plugins/absent/${path}`)).status, 404)
    }
    const names = ['echo', 'absent']
    assert.equal(
      called,
      ['enable', 'disable', 'restart'].flatMap(verb => names.map(name => `${verb}Plugin ${name}`)),
    )
  }),
)

test(
  'a version is activated by its number, and a failed swap is told with its reason',
  within(async ({call, host}) => {
    const activate = (body: unknown): ReturnType<typeof call> => call('POST', '/v1/plugins/echo/activate', {body})
    assert.equal((await activate({version: '1.0.0'})).json, {plugin: 'echo', from: null, to: '1.0.0', tookMs: 1})
    for (const body of [{}, {version: 1}, {version: ''}, {version: '1.0.0', force: true}]) {
      assert.is((await activate(body)).status, 400, JSON.stringify(body))
    }
    host.activatePlugin = async (id, version) => {
      throw new HostError('PLUGIN_SWAP_FAILED', {id, version, reason: 'it ended with code 1'})
    }
    const failed = await activate({version: '2.0.0'})
    assert.equal([failed.status, failed.text.includes('The version before still serves')], [502, true])
  }),
)

test(
  'a removed plugin is gone, and removing it again is 404',
  within(async ({call}) => {
    const removed = await call('DELETE', '/v1/plugins/echo')
    assert.equal([removed.status, removed.text], [204, ''])
    assert.is((await call('DELETE', '/v1/plugins/echo')).status, 404)
  }),
)

test(
  'a name is only a name, whatever it holds',
  within(async ({call}) => {
    for (const name of ['..%2f..%2fetc', '%00', '__proto__', 'constructor', 'a'.repeat(256), '%F0%9F%98%80']) {
      assert.is((await call('GET', `/v1/plugins/${name}`)).status, 404, name)
    }
  }),
)

test.run()
