import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Execution,
  loadConfig,
  type Outcome,
  type PluginDetail,
  type RunningServer,
  startServer,
} from '../../host/index.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {type Answer, type CallOptions, callHttp} from '../support/http.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('http with real plugins')

interface Real {
  server: RunningServer
  folder: string
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  /** Builds a fixture of that version and uploads it. */
  upload(fixture: string, version: string, options?: {query?: string; action?: string}): Promise<Answer>
}

function withServer(run: (real: Real) => Promise<void>): () => Promise<void> {
  return () =>
    deadline(
      60_000,
      withTempFolder(async folder => {
        const server = await startServer(
          loadConfig({dataFolder: join(folder, 'data'), logLevel: 'silent', http: {port: 0}}),
        )
        try {
          const token = (await readFile(server.tokenFile, 'utf8')).trim()
          const call: Real['call'] = (method, path, options) => callHttp(server.url, method, path, {token, ...options})
          const upload: Real['upload'] = async (fixture, version, {query = '', action = 'echo'} = {}) => {
            const body = await readFile(await buildFixture(folder, fixture, {version, actions: {[action]: {}}}))
            return call('POST', `/v1/bundles${query}`, {body, headers: {'content-type': 'application/zip'}})
          }
          await run({server, folder, call, upload})
        } finally {
          await server.stop()
        }
      }),
    )
}

test(
  'a bundle is installed, executed, swapped, rolled back and removed',
  withServer(async ({call, upload}) => {
    const installed = await upload('echo', '1.0.0')
    assert.equal([installed.status, (installed.json as {registration: string}).registration], [201, 'echo'])
    assert.is((await upload('echo', '1.0.0')).status, 200)
    const execute = async (): Promise<Outcome> => {
      const {json} = await call('POST', '/v1/registrations/echo/actions/echo/execute', {body: {input: {word: 'hi'}}})
      return json as Outcome
    }
    const {status, output, execution} = await execute()
    assert.equal([status, output], ['succeeded', {word: 'hi'}])
    assert.is(((await call('GET', `/v1/executions/${execution}`)).json as Execution).by, 'admin')

    assert.is((await upload('echo', '2.0.0', {query: '?activate=false'})).status, 201)
    const activeVersion = async (): Promise<string | null> =>
      ((await call('GET', '/v1/plugins/echo')).json as PluginDetail).version
    assert.is(await activeVersion(), '1.0.0')
    for (const version of ['2.0.0', '1.0.0']) {
      assert.is((await call('POST', '/v1/plugins/echo/activate', {body: {version}})).status, 200)
      assert.equal([await activeVersion(), (await execute()).status], [version, 'succeeded'])
    }

    for (const [verb, wanted] of [
      ['disable', 409],
      ['enable', 200],
      ['restart', 200],
    ] as const) {
      assert.is((await call('POST', `/v1/plugins/echo/${verb}`)).status, 200)
      const answer = await call('POST', '/v1/registrations/echo/actions/echo/execute', {body: {}})
      assert.is(answer.status, wanted, verb)
    }
    assert.is((await call('DELETE', '/v1/plugins/echo')).status, 204)
    assert.is((await call('GET', '/v1/plugins/echo')).status, 404)
  }),
)

test(
  'a bundle that is none is refused with its problems and leaves nothing',
  withServer(async ({call}) => {
    for (const body of [Buffer.from('PK\u0003\u0004 but no zip'), Buffer.alloc(100_000), Buffer.alloc(0)]) {
      const answer = await call('POST', '/v1/bundles', {body, headers: {'content-type': 'application/octet-stream'}})
      const {code, problems} = answer.json as {code: string; problems?: {message: string}[]}
      assert.ok(answer.status === 422 || answer.status === 400, `${answer.status} ${answer.text}`)
      assert.ok(code === 'REQUEST_INVALID' || (problems?.length ?? 0) > 0, answer.text)
    }
    assert.equal((await call('GET', '/v1/plugins')).json, {items: []})
  }),
)

test(
  'a client that goes away cancels the running action',
  withServer(async ({call, upload}) => {
    assert.is((await upload('gives-up', '1.0.0', {action: 'run'})).status, 201)
    const leaving = new AbortController()
    const left = call('POST', '/v1/registrations/gives-up/actions/run/execute', {
      body: {},
      signal: leaving.signal,
    }).catch(() => 'left')
    const list = async (): Promise<Execution[]> =>
      ((await call('GET', '/v1/executions')).json as {items: Execution[]}).items
    await eventually(10_000, async () => (await list())[0]?.status === 'running')
    leaving.abort()
    assert.is(await left, 'left')
    await eventually(10_000, async () => (await list())[0]?.status === 'cancelled')
  }),
)

test(
  'what a plugin prints is followed as it comes',
  withServer(async ({server, call, upload}) => {
    assert.is((await upload('prints', '1.0.0')).status, 201)
    const token = (await readFile(server.tokenFile, 'utf8')).trim()
    const leaving = new AbortController()
    const {body} = await fetch(`${server.url}/v1/plugins/prints/logs?follow=true&lines=0`, {
      headers: {authorization: `Bearer ${token}`},
      signal: leaving.signal,
    })
    let text = ''
    const read = async (): Promise<void> => {
      for await (const chunk of body ?? []) text += Buffer.from(chunk).toString()
    }
    const ended = read().catch(() => {})
    await eventually(5000, () => text.includes(': open'))
    await call('POST', '/v1/registrations/prints/actions/echo/execute', {body: {input: {}}})
    await eventually(10_000, () => /^data: .*"source":"std/m.test(text))
    leaving.abort()
    await ended
  }),
)

test(
  'stopping the server ends its streams and its socket',
  withServer(async ({server, upload}) => {
    await upload('echo', '1.0.0')
    const token = (await readFile(server.tokenFile, 'utf8')).trim()
    const following = await fetch(`${server.url}/v1/plugins/echo/logs?follow=true`, {
      headers: {authorization: `Bearer ${token}`},
    })
    const stopped = server.stop()
    await following.text()
    await stopped
    assert.is(await fetch(`${server.url}/healthz`).catch(() => 'refused'), 'refused')
  }),
)

test(
  'metrics are given to whoever has a token',
  withServer(async ({call}) => {
    const {status, headers, text} = await call('GET', '/metrics')
    assert.is(status, 200)
    assert.match(headers.get('content-type') ?? '', 'text/plain')
    assert.match(text, /^# HELP /m)
  }),
)

test.run()
