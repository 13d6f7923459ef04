import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import type {Json} from '../../runtime/protocol.ts'
import {checkAgainst, withDescription} from '../support/api-description.ts'
import type {CallOptions} from '../support/http.ts'

const test = suite('answers')

const EXECUTE = '/v1/registrations/echo/actions/echo/execute'

/** Each documented path with requests that it answers well and badly. */
const CALLS: [route: string, path: string, options?: CallOptions][] = [
  ['get /healthz', '/healthz'],
  ['get /readyz', '/readyz'],
  ['get /v1/plugins', '/v1/plugins'],
  ['get /v1/plugins', '/v1/plugins', {token: null}],
  ['get /v1/plugins', '/v1/plugins', {token: 'execute-token'}],
  ['get /v1/plugins/{id}', '/v1/plugins/echo'],
  ['get /v1/plugins/{id}', '/v1/plugins/absent'],
  ['get /v1/plugins/{id}/logs', '/v1/plugins/echo/logs'],
  ['get /v1/plugins/{id}/logs', '/v1/plugins/echo/logs?lines=-1'],
  ['post /v1/plugins/{id}/activate', '/v1/plugins/echo/activate', {body: {version: '1.0.0'}}],
  ['post /v1/plugins/{id}/activate', '/v1/plugins/echo/activate', {body: {version: '9.0.0'}}],
  ['post /v1/plugins/{id}/activate', '/v1/plugins/echo/activate', {body: 'x', headers: {'content-type': 'text/plain'}}],
  ['get /v1/plugins/{id}/versions/{version}/preview', '/v1/plugins/echo/versions/1.0.0/preview?rehearse=3'],
  ['get /v1/plugins/{id}/versions/{version}/preview', '/v1/plugins/echo/versions/9.0.0/preview'],
  ['post /v1/plugins/{id}/restart', '/v1/plugins/echo/restart'],
  ['post /v1/plugins/{id}/disable', '/v1/plugins/absent/disable'],
  ['post /v1/bundles', '/v1/bundles', {body: 'PK', headers: {'content-type': 'application/zip'}}],
  ['post /v1/bundles', '/v1/bundles', {body: 'PK', headers: {'content-type': 'text/html'}}],
  ['get /v1/registrations', '/v1/registrations'],
  ['get /v1/registrations/{rid}', '/v1/registrations/absent'],
  ['post /v1/registrations', '/v1/registrations', {body: {plugin: 'echo', name: 'second'}}],
  ['post /v1/registrations', '/v1/registrations', {body: {plugin: 'echo', name: 'echo'}}],
  ['patch /v1/registrations/{rid}', '/v1/registrations/echo', {body: {enabled: false}}],
  ['post /v1/registrations/{rid}/test', '/v1/registrations/echo/test', {body: {}}],
  ['post /v1/registrations/{rid}/options/{field}', '/v1/registrations/echo/options/queue', {body: {search: 'a'}}],
  ['post /v1/registrations/{rid}/actions/{action}/execute', EXECUTE, {body: {input: {}}}],
  ['post /v1/registrations/{rid}/actions/{action}/execute', EXECUTE.replace('/echo/exe', '/fail/exe'), {body: {}}],
  ['post /v1/registrations/{rid}/actions/{action}/execute', EXECUTE.replace('/echo/exe', '/none/exe'), {body: {}}],
  ['get /v1/executions', '/v1/executions'],
  ['get /v1/executions/{eid}', '/v1/executions/e1'],
  ['get /v1/executions/{eid}', '/v1/executions/e99'],
  ['post /v1/registrations/{rid}/actions/{action}/execute', EXECUTE, {body: {}, headers: {prefer: 'respond-async'}}],
  ['post /v1/registrations/{rid}/actions/{action}/execute', EXECUTE, {body: {mapping: 'm', record: 'request:1'}}],
  ['get /v1/executions/{eid}/input', '/v1/executions/e1/input'],
  ['get /v1/executions/{eid}/logs', '/v1/executions/e1/logs'],
  ['get /v1/executions/{eid}/artifacts', '/v1/executions/e1/artifacts'],
  ['post /v1/executions/{eid}/cancel', '/v1/executions/e1/cancel'],
  ['post /v1/executions/{eid}/replay', '/v1/executions/e1/replay', {body: {mode: 'dryRun'}}],
  ['post /v1/executions/{eid}/replay', '/v1/executions/e99/replay', {body: {}}],
  ['post /v1/executions/retry', '/v1/executions/retry', {body: {executions: ['e1', 'e99']}}],
  ['post /v1/executions/retry', '/v1/executions/retry', {body: {}}],
  ['delete /v1/registrations/{rid}', '/v1/registrations/second'],
  ['delete /v1/plugins/{id}', '/v1/plugins/echo'],
]

test(
  'every answer has a documented status and fits its documented schema',
  withDescription(async (description, {call, host}) => {
    host.log({fields: {a: 1}, execution: 'e1'})
    const statuses = new Set<number>()
    for (const [route, path, options] of CALLS) {
      const [method = '', template = ''] = route.split(' ')
      const answer = await call(method.toUpperCase(), path, options)
      const documented = description.paths[template]?.[method]?.responses[answer.status]
      assert.ok(documented, `${route} ${answer.status}`)
      statuses.add(answer.status)
      const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? ''
      const schema = documented.content?.[type]?.schema
      if (answer.status === 204) assert.is(answer.text, '')
      else
        assert.equal(
          schema && checkAgainst(description, schema, answer.json),
          [],
          `${route} ${answer.status} ${answer.text}`,
        )
    }
    assert.equal([...statuses].sort(), [200, 201, 202, 204, 400, 401, 403, 404, 409, 415])
  }),
)

test(
  'a wrong answer would be noticed: the schemas are strict enough to tell',
  withDescription(description => {
    const schema = {$ref: '#/components/schemas/Outcome'}
    const outcome = {
      execution: 'e',
      status: 'succeeded',
      output: null,
      effects: [],
      message: '',
      error: null,
      attempts: 1,
      durationMs: 1,
      fence: null,
    }
    assert.equal(checkAgainst(description, schema, outcome), [])
    for (const wrong of [
      {status: 'done'},
      {attempts: 1.5},
      {error: {code: 'X'}},
      {effects: {}},
      {message: undefined},
      {fence: 'open'},
    ]) {
      assert.ok(
        checkAgainst(description, schema, JSON.parse(JSON.stringify({...outcome, ...wrong})) as Json).length > 0,
      )
    }
  }),
)

test.run()
