import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {compileSchema} from '../../host/schema.ts'
import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {deadline} from '../support/deadline.ts'
import {type CallOptions, type Served, withHttp} from '../support/http.ts'

const test = suite('openapi')

interface Operation {
  operationId?: string
  summary?: string
  tags?: string[]
  security?: object[]
  parameters?: {name: string; in: string; required?: boolean; schema: object}[]
  responses: {[status: string]: {description: string; content?: {[type: string]: {schema?: JsonObject}}}}
}
interface Description {
  openapi: string
  info: {title: string; version: string}
  security: object[]
  paths: {[path: string]: {[method: string]: Operation}}
  components: {schemas: {[name: string]: JsonObject}; securitySchemes: object}
}

const OPEN = ['/healthz', '/readyz']
const METHODS = ['get', 'post', 'patch', 'delete']

function withDescription(run: (description: Description, served: Served) => Promise<void> | void): () => Promise<void> {
  return () =>
    deadline(
      30_000,
      withHttp(async served => {
        await run((await served.call('GET', '/openapi.json')).json as Description, served)
      }),
    )
}

function listOperations({paths}: Description): {path: string; method: string; operation: Operation}[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({path, method, operation})),
  )
}

/** The schema as a document of its own: its references point into the components. */
function checkAgainst({components}: Description, schema: JsonObject, value: unknown): string[] {
  const whole = {...schema, components} as unknown as JsonObject
  return compileSchema(whole)(value).map(problem => `${problem.pointer} ${problem.message}`)
}

test(
  'it is OpenAPI 3.1 with an id, a summary, a tag and answers for every operation',
  withDescription(description => {
    assert.match(description.openapi, /^3\.1\.\d$/)
    assert.ok(description.info.title && description.info.version)
    const operations = listOperations(description)
    const ids = operations.map(({operation}) => operation.operationId)
    assert.is(new Set(ids).size, operations.length)
    for (const {path, method, operation} of operations) {
      assert.ok(METHODS.includes(method), method)
      assert.ok(operation.operationId && operation.summary && operation.tags?.length === 1, path)
      assert.ok(
        Object.keys(operation.responses).some(status => status.startsWith('2')),
        path,
      )
      for (const [status, {description: text}] of Object.entries(operation.responses)) {
        assert.match(status, /^[2-5]\d\d$/)
        assert.ok(text && text !== 'Default Response', `${path} ${status}`)
      }
    }
  }),
)

test(
  'every part of a path in braces is a parameter of it',
  withDescription(description => {
    for (const {path, operation} of listOperations(description)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const declared = (operation.parameters ?? []).filter(parameter => parameter.in === 'path')
      assert.equal(declared.map(parameter => parameter.name).sort(), named.sort(), path)
      assert.ok(declared.every(parameter => parameter.required))
    }
  }),
)

test(
  'all but health and readiness need the bearer scheme and document 401, 403, 429 and 500 as problems',
  withDescription(description => {
    assert.equal(Object.keys(description.components.securitySchemes), ['bearer'])
    assert.equal(description.security, [{bearer: []}])
    for (const {path, operation} of listOperations(description)) {
      assert.equal(operation.security, OPEN.includes(path) ? [] : undefined, path)
      if (OPEN.includes(path)) continue
      for (const status of ['400', '401', '403', '421', '429', '431', '500', '503']) {
        const content = operation.responses[status]?.content
        assert.equal(
          content?.['application/problem+json']?.schema,
          {$ref: '#/components/schemas/Problem'},
          `${path} ${status}`,
        )
      }
    }
  }),
)

test(
  'every reference points at a component that is there',
  withDescription(description => {
    const targets = [...JSON.stringify(description).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target ?? '')
    assert.ok(targets.length > 20)
    for (const target of new Set(targets)) {
      const name = /^#\/components\/schemas\/(\w+)$/.exec(target)?.[1] ?? ''
      assert.ok(description.components.schemas[name], target)
    }
  }),
)

test(
  'every component is a JSON Schema 2020-12',
  withDescription(description => {
    for (const schema of Object.values(description.components.schemas)) checkAgainst(description, schema, {})
  }),
)

test(
  'it lists the routes of the design, and each of them is served',
  withDescription(async (description, {call}) => {
    const listed = listOperations(description)
      .map(({path, method}) => `${method} ${path}`)
      .sort()
    assert.equal(listed, ROUTES)
    for (const route of ROUTES) {
      const [method = '', path = ''] = route.split(' ')
      const answer = await call(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'none'))
      assert.not.match(answer.text, /ROUTE_NOT_FOUND|METHOD_NOT_ALLOWED/, route)
    }
  }),
)

const ROUTES = [
  'delete /v1/plugins/{id}',
  'delete /v1/registrations/{rid}',
  'get /healthz',
  'get /metrics',
  'get /readyz',
  'get /v1/executions',
  'get /v1/executions/{eid}',
  'get /v1/executions/{eid}/artifacts/{name}',
  'get /v1/plugins',
  'get /v1/plugins/{id}',
  'get /v1/plugins/{id}/logs',
  'get /v1/registrations',
  'get /v1/registrations/{rid}',
  'patch /v1/registrations/{rid}',
  'post /v1/bundles',
  'post /v1/executions/{eid}/cancel',
  'post /v1/plugins/{id}/activate',
  'post /v1/plugins/{id}/disable',
  'post /v1/plugins/{id}/enable',
  'post /v1/plugins/{id}/restart',
  'post /v1/registrations',
  'post /v1/registrations/{rid}/actions/{action}/execute',
  'post /v1/registrations/{rid}/options/{field}',
  'post /v1/registrations/{rid}/test',
]

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
  ['post /v1/executions/{eid}/cancel', '/v1/executions/e1/cancel'],
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
    assert.equal([...statuses].sort(), [200, 201, 204, 400, 401, 403, 404, 409, 415])
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
    }
    assert.equal(checkAgainst(description, schema, outcome), [])
    for (const wrong of [
      {status: 'done'},
      {attempts: 1.5},
      {error: {code: 'X'}},
      {effects: {}},
      {message: undefined},
    ]) {
      assert.ok(
        checkAgainst(description, schema, JSON.parse(JSON.stringify({...outcome, ...wrong})) as Json).length > 0,
      )
    }
  }),
)

test('the pages under /docs come from this server alone', () =>
  deadline(
    20_000,
    withHttp(async ({call}) => {
      const page = await call('GET', '/docs/')
      assert.is(page.status, 200)
      assert.match(page.headers.get('content-security-policy') ?? '', "default-src 'self'")
      assert.equal(page.text.match(/(?:src|href)="(?:https?:)?\/\//g), null)
    }),
  ))

test('no source of the shim reads from a part of the host behind its public shapes', () => {
  const source = readFileSync(join(import.meta.dirname, '../../host/http/api.ts'), 'utf8')
  const froms = [...source.matchAll(/from '([^']+)'/g)].map(([, from]) => from)
  assert.equal(froms.sort(), [
    '../../runtime/protocol.ts',
    '../clock.ts',
    '../config.ts',
    '../errors.ts',
    '../types.ts',
  ])
})

test.run()
