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
    const done = {plugin: 'echo', from: null, to: '1.0.0', tookMs: 1, upgrade: null}
    assert.equal((await activate({version: '1.0.0'})).json, done)
    const wrong = [{consent: 1}, {force: 'maybe'}, {rehearse: 101}, {rehearse: -1}, {rehearse: 1.5}, {other: true}]
    for (const body of [{}, {version: 1}, {version: ''}, ...wrong.map(entry => ({version: '1.0.0', ...entry}))]) {
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
  'consent, force and the rehearsal reach the host, with who asked; a refusal names each problem',
  within(async ({call, host}) => {
    let given: unknown
    const problems = [{code: 'MAPPING_BROKEN', pointer: '/mappings/echo/joiner/rows/0', message: 'm', remedy: 'r'}]
    host.activatePlugin = async (id, version, options) => {
      given = options
      throw new HostError('UPGRADE_BREAKS', {id, version, reason: 'mapping "joiner"', problems})
    }
    const body = {version: '2.0.0', consent: true, force: false, rehearse: 5}
    const refused = await call('POST', '/v1/plugins/echo/activate', {body})
    assert.equal(given, {consent: true, force: false, rehearse: 5, by: 'admin'})
    assert.is(refused.status, 409)
    const {code, detail, problems: told} = refused.json as {code: string; detail: string; problems: unknown}
    assert.equal([code, told], ['UPGRADE_BREAKS', problems])
    assert.match(detail, /it breaks mapping "joiner"\nMend them first, or force it/)
  }),
)

test(
  'a version is looked at before it is activated, by an administrator',
  within(async ({call}) => {
    const path = '/v1/plugins/echo/versions/1.0.0/preview'
    const plain = await call('GET', path)
    assert.equal([plain.status, (plain.json as {rehearsal: unknown}).rehearsal], [200, null])
    const rehearsed = await call('GET', `${path}?rehearse=7`)
    assert.is((rehearsed.json as {rehearsal: {asked: number}}).rehearsal.asked, 7)
    for (const query of ['rehearse=101', 'rehearse=x', 'other=1']) {
      assert.is((await call('GET', `${path}?${query}`)).status, 400, query)
    }
    assert.is((await call('GET', '/v1/plugins/echo/versions/9.0.0/preview')).status, 404)
    assert.is((await call('GET', path, {token: 'read-token'})).status, 403)
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
