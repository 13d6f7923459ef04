import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {listOperations, withDescription} from '../support/api-description.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {type Served, withHttp} from '../support/http.ts'
import {SchemaValues} from '../support/schema-values.ts'

const test = suite('audit of requests')

const EXECUTE = '/v1/registrations/echo/actions/echo/execute'

function within(run: (served: Served) => Promise<void>): () => Promise<void> {
  return () => deadline(20_000, withHttp(run))
}
const actions = ({host}: Served): string[] => host.access.audit.map(({action}) => action)

test(
  'a change is written down with who, where from and what, but no values of a configuration',
  within(async served => {
    const {call, host} = served
    const config = {host: 'dc1.corp.example', password: 'hunter2-secret', tls: {ca: 'PEM'}}
    const made = await call('POST', '/v1/registrations', {body: {plugin: 'echo', name: 'AD', config, notes: 'mine'}})
    assert.is(made.status, 201)
    const [entry] = host.access.audit
    assert.equal([entry?.who, entry?.action, entry?.target], ['admin', 'createRegistration', 'AD'])
    assert.equal(entry?.details, {
      from: '127.0.0.1',
      body: {plugin: 'echo', name: 'AD', config: ['host', 'password', 'tls'], notes: 'given'},
    })
    await call('PATCH', '/v1/registrations/AD', {body: {config: {password: 'hunter3-secret'}, enabled: false}})
    const changed = host.access.audit.find(({action}) => action === 'updateRegistration')
    assert.equal([changed?.target, changed?.details.body], ['AD', {config: ['password'], enabled: false}])
    assert.not.match(JSON.stringify(host.access.audit), /hunter|dc1|PEM/)
  }),
)

test(
  'a change that made something is followed by what it made, a refused one by its status',
  within(async served => {
    const {call, host} = served
    await call('POST', '/v1/registrations', {body: {plugin: 'echo', name: 'second'}})
    await call('POST', '/v1/registrations', {body: {plugin: 'absent', name: 'third'}})
    await eventually(5000, () => host.access.audit.length === 4)
    assert.equal(actions(served), [
      'createRegistration',
      'createRegistration.done',
      'createRegistration',
      'createRegistration.failed',
    ])
    assert.equal(
      host.access.audit.map(({details}) => details.made ?? details.status ?? null),
      [null, '/v1/registrations/second', null, 404],
    )
  }),
)

test(
  'looking, executing and what is refused before it begins leave no entry',
  within(async served => {
    const {call} = served
    assert.is((await call('GET', '/v1/registrations')).status, 200)
    assert.is((await call('POST', EXECUTE, {body: {input: {}}})).status, 200)
    assert.is((await call('POST', '/v1/registrations', {body: {}})).status, 400)
    assert.is((await call('POST', '/v1/registrations', {token: 'read-token', body: {}})).status, 403)
    assert.is((await call('DELETE', '/v1/registrations/echo', {token: 'bad'})).status, 401)
    assert.equal(actions(served), [])
  }),
)

test(
  'an upload is written down before its bytes are read',
  within(async served => {
    const {call, host} = served
    let seen: string[] = []
    host.install = () => {
      seen = actions(served)
      return {id: 'echo', created: true}
    }
    const body = 'PK'
    await call('POST', '/v1/bundles?activate=false', {body, headers: {'content-type': 'application/zip'}})
    assert.equal(seen, ['installBundle'])
    assert.equal(host.access.audit[0]?.details.query, {activate: false})
  }),
)

test(
  'when the audit log cannot be written, changes are refused and not made, and executions go on',
  within(async ({call, host}) => {
    host.access.auditFails = true
    const attempts: [method: string, path: string, body?: unknown][] = [
      ['PATCH', '/v1/registrations/echo', {name: 'other'}],
      ['DELETE', '/v1/registrations/echo'],
      ['POST', '/v1/plugins/echo/disable'],
      ['POST', '/v1/tokens', {name: 'x', scopes: ['read']}],
    ]
    for (const [method, path, body] of attempts) {
      const answer = await call(method, path, {...(body !== undefined && {body})})
      assert.equal([answer.status, (answer.json as {code: string}).code], [503, 'AUDIT_FAILED'], path)
    }
    const upload = await call('POST', '/v1/bundles', {body: 'PK', headers: {'content-type': 'application/zip'}})
    assert.equal([upload.status, host.uploads.length], [503, 0])
    assert.is(host.registrations.get('echo')?.name, 'echo')
    assert.is(host.plugins.get('echo')?.enabled, true)
    assert.is(host.access.tokens.size, 0)
    assert.is((await call('POST', EXECUTE, {body: {input: {}}})).status, 200)
    assert.is((await call('GET', '/v1/registrations/echo')).status, 200)
  }),
)

/** Those that only look, or are in the log of executions. */
const UNAUDITED = [
  'cancelExecution',
  'executeAction',
  'listOptions',
  'previewMapping',
  'previewSchedule',
  'replayExecution',
  'retryExecutions',
  'sendEvent',
  'testRegistration',
  'testRule',
]

test(
  'every route that changes something is audited, but those that are named here',
  withDescription(async (description, {call, host}) => {
    const values = new SchemaValues(description.components.schemas)
    host.access.auditFails = true
    const unaudited: string[] = []
    for (const {path, method, operation} of listOperations(description)) {
      if (method === 'get') continue
      const [type = '', {schema} = {}] = Object.entries(operation.requestBody?.content ?? {})[0] ?? []
      const body = type === 'application/json' ? values.sample(schema ?? {}) : type === '' ? undefined : 'x'
      const options = body === undefined ? {} : {body, headers: {'content-type': type}}
      const answer = await call(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'none'), options)
      const {code = ''} = Object(answer.json) as {code?: string}
      if (code === 'AUDIT_FAILED') continue
      unaudited.push(operation.operationId ?? path)
      assert.ok(code !== 'REQUEST_INVALID' || UNAUDITED.includes(operation.operationId ?? ''), `${path} ${answer.text}`)
    }
    assert.equal(unaudited.sort(), UNAUDITED)
  }),
)

test.run()
