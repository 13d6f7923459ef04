import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import type {CallSignal} from '../../../host/call-signal.ts'
import {HostError} from '../../../host/errors.ts'
import {deadline, eventually} from '../../support/deadline.ts'
import {type Served, withHttp} from '../../support/http.ts'

const test = suite('registrations')

function within(run: (served: Served) => Promise<void>): () => Promise<void> {
  return () => deadline(20_000, withHttp(run))
}

test(
  'a registration is created, read, listed, changed and removed',
  within(async ({call}) => {
    const made = await call('POST', '/v1/registrations', {
      body: {plugin: 'echo', name: 'Second', id: 'a b', config: {url: 'x'}},
    })
    assert.equal([made.status, made.headers.get('location')], [201, '/v1/registrations/a%20b'])
    assert.equal((await call('GET', '/v1/registrations/a%20b')).json, made.json)
    const listed = (await call('GET', '/v1/registrations?plugin=echo')).json as {items: {id: string}[]}
    assert.equal(
      listed.items.map(item => item.id),
      ['echo', 'a b'],
    )
    assert.equal((await call('GET', '/v1/registrations?plugin=other')).json, {items: []})
    const changed = await call('PATCH', '/v1/registrations/a%20b', {body: {enabled: false}})
    assert.equal([changed.status, (changed.json as {enabled: boolean}).enabled], [200, false])
    assert.is((await call('DELETE', '/v1/registrations/a%20b')).status, 204)
    assert.is((await call('DELETE', '/v1/registrations/a%20b')).status, 404)
  }),
)

test(
  'what is missing, of the wrong type or unknown is refused by its pointer',
  within(async ({call}) => {
    const attempts: [body: unknown, pointer: string][] = [
      [{name: 'x'}, '/body/plugin'],
      [{plugin: 'echo', name: ''}, '/body/name'],
      [{plugin: 'echo', name: 'x', config: []}, '/body/config'],
      [{plugin: 'echo', name: 'x', enabled: 'true'}, '/body/enabled'],
      [{plugin: 'echo', name: 'x', configuration: {}}, '/body/configuration'],
    ]
    for (const [body, pointer] of attempts) {
      const {status, json} = await call('POST', '/v1/registrations', {body})
      assert.equal(
        [status, (json as {problems: {pointer: string}[]}).problems.map(problem => problem.pointer)],
        [400, [pointer]],
      )
    }
  }),
)

test(
  'a configuration the host refuses is 422 with its problems, a taken id 409',
  within(async ({call, host}) => {
    assert.is((await call('POST', '/v1/registrations', {body: {plugin: 'echo', name: 'echo'}})).status, 409)
    const problems = [{pointer: '/url', message: 'is required'}]
    host.createRegistration = async () => {
      throw new HostError('CONFIG_INVALID', {reason: '/url is required', problems})
    }
    const answer = await call('POST', '/v1/registrations', {body: {plugin: 'echo', name: 'x'}})
    assert.equal([answer.status, (answer.json as {problems: unknown}).problems], [422, problems])
  }),
)

test(
  'a connection is tested with the stored configuration or the one given',
  within(async ({call, host}) => {
    const tested: unknown[] = []
    const original = host.testRegistration
    host.testRegistration = (id, options) => {
      tested.push(options?.config)
      return original(id, options)
    }
    assert.is((await call('POST', '/v1/registrations/echo/test')).status, 200)
    const answer = await call('POST', '/v1/registrations/echo/test', {body: {config: {url: 'x'}}})
    assert.is((answer.json as {ok: boolean}).ok, true)
    assert.equal(tested, [undefined, {url: 'x'}])
  }),
)

test(
  'leaving during a connection test ends it',
  within(async ({call, host}) => {
    let seen: CallSignal | undefined
    host.testRegistration = (_id, {signal} = {}) => {
      seen = signal
      return new Promise((_, reject) =>
        signal?.addEventListener('abort', () => reject(new HostError('EXECUTION_CANCELLED'))),
      )
    }
    const leaving = new AbortController()
    const left = call('POST', '/v1/registrations/echo/test', {signal: leaving.signal}).catch(() => 'left')
    await eventually(5000, () => seen)
    leaving.abort()
    assert.is(await left, 'left')
    await eventually(5000, () => seen?.aborted)
  }),
)

test(
  'choices are asked for by field, search and what is filled in',
  within(async ({call, host}) => {
    const asked: unknown[] = []
    const original = host.listOptions
    host.listOptions = (...parameters) => {
      asked.push(parameters)
      return original(...parameters)
    }
    const body = {search: 'a', values: {site: 1}}
    const answer = await call('POST', '/v1/registrations/echo/options/a%2Fb', {body})
    assert.equal(answer.json, {options: [{value: 'a/b', label: 'a/b a'}], more: false})
    assert.equal(asked, [['echo', 'a/b', body]])
  }),
)

test(
  'draft, notes and settings are handed on',
  within(async ({call, host}) => {
    const asked: unknown[] = []
    const original = host.updateRegistration
    host.updateRegistration = (id, change) => {
      asked.push(change)
      return original(id, change)
    }
    const body = {draft: true, notes: 'for now', settings: {concurrency: 2}}
    assert.is((await call('PATCH', '/v1/registrations/echo', {body})).status, 200)
    assert.equal(asked, [body])
    const refused = await call('PATCH', '/v1/registrations/echo', {body: {notes: 'x'.repeat(10_001)}})
    assert.is(refused.status, 400)
  }),
)

test(
  'a file is put as it is, of two media types, up to 256 KiB',
  within(async ({call, host}) => {
    const path = '/v1/registrations/echo/files/tls.ca'
    const put = (body: string | Uint8Array, type: string) =>
      call('PUT', path, {body, headers: {'content-type': type}}).then(({status}) => status)
    for (const type of ['application/x-pem-file', 'text/plain; charset=utf-8']) {
      assert.is(await put('-----BEGIN\r\nä\n', type), 200)
      assert.is(host.registrations.get('echo')?.config['tls.ca'], '-----BEGIN\r\nä\n')
    }
    assert.is(await put('{}', 'application/json'), 415)
    assert.is(await put(new Uint8Array([0xff, 0xfe]), 'text/plain'), 400)
    assert.is(await put('x'.repeat(256 * 1024), 'text/plain'), 200)
    assert.is(await put('x'.repeat(256 * 1024 + 1), 'text/plain'), 413)
    assert.is((await call('PUT', path)).status, 200, 'no body takes it away')
    assert.is(host.registrations.get('echo')?.config['tls.ca'], '')
    assert.is((await call('PUT', path, {token: 'read-token'})).status, 403)
    assert.is(
      (await call('PATCH', '/v1/registrations/echo', {body: 'x', headers: {'content-type': 'text/plain'}})).status,
      415,
    )
  }),
)

test.run()
