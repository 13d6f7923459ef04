import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {checkAgainst, listOperations, withDescription} from '../support/api-description.ts'
import {deadline} from '../support/deadline.ts'
import {withHttp} from '../support/http.ts'

const test = suite('openapi')

const OPEN = ['/healthz', '/readyz']
const METHODS = ['get', 'post', 'put', 'patch', 'delete']

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
  'delete /v1/backups/{bid}',
  'delete /v1/fields/{module}/{fid}',
  'delete /v1/plugins/{id}',
  'delete /v1/registrations/{rid}',
  'delete /v1/registrations/{rid}/mappings/{name}',
  'delete /v1/rules/{id}',
  'delete /v1/schedules/{id}',
  'delete /v1/tokens/{tid}',
  'get /healthz',
  'get /metrics',
  'get /readyz',
  'get /v1/assets',
  'get /v1/assets/{id}',
  'get /v1/audit',
  'get /v1/audit/verify',
  'get /v1/backups',
  'get /v1/backups/{bid}',
  'get /v1/events',
  'get /v1/events/{id}',
  'get /v1/executions',
  'get /v1/executions/{eid}',
  'get /v1/executions/{eid}/artifacts',
  'get /v1/executions/{eid}/artifacts/{name}',
  'get /v1/executions/{eid}/input',
  'get /v1/executions/{eid}/logs',
  'get /v1/fields/{module}',
  'get /v1/main-server',
  'get /v1/plugins',
  'get /v1/plugins/{id}',
  'get /v1/plugins/{id}/logs',
  'get /v1/plugins/{id}/versions/{version}/preview',
  'get /v1/registrations',
  'get /v1/registrations/{rid}',
  'get /v1/registrations/{rid}/mappings',
  'get /v1/registrations/{rid}/mappings/{name}',
  'get /v1/requests',
  'get /v1/requests/{id}',
  'get /v1/requests/{id}/attachments',
  'get /v1/requests/{id}/notes',
  'get /v1/rule-runs/{id}',
  'get /v1/rules',
  'get /v1/rules/{id}',
  'get /v1/rules/{id}/runs',
  'get /v1/schedules',
  'get /v1/schedules/{id}',
  'get /v1/tokens',
  'get /v1/users',
  'get /v1/users/{id}',
  'patch /v1/assets/{id}',
  'patch /v1/registrations/{rid}',
  'patch /v1/requests/{id}',
  'patch /v1/rules/{id}',
  'patch /v1/schedules/{id}',
  'patch /v1/users/{id}',
  'post /v1/assets',
  'post /v1/backups',
  'post /v1/bundles',
  'post /v1/events',
  'post /v1/executions/retry',
  'post /v1/executions/{eid}/cancel',
  'post /v1/executions/{eid}/replay',
  'post /v1/fields/{module}',
  'post /v1/keys/rotate',
  'post /v1/mappings/preview',
  'post /v1/plugins/{id}/activate',
  'post /v1/plugins/{id}/disable',
  'post /v1/plugins/{id}/enable',
  'post /v1/plugins/{id}/restart',
  'post /v1/registrations',
  'post /v1/registrations/{rid}/actions/{action}/execute',
  'post /v1/registrations/{rid}/options/{field}',
  'post /v1/registrations/{rid}/test',
  'post /v1/requests',
  'post /v1/requests/{id}/notes',
  'post /v1/rules',
  'post /v1/rules/{id}/duplicate',
  'post /v1/rules/{id}/run',
  'post /v1/rules/{id}/test',
  'post /v1/schedules',
  'post /v1/schedules/preview',
  'post /v1/schedules/{id}/run',
  'post /v1/tokens',
  'post /v1/tokens/{tid}/rotate',
  'post /v1/users',
  'put /v1/registrations/{rid}/files/{field}',
  'put /v1/registrations/{rid}/mappings/{name}',
]

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
    '../call-signal.ts',
    '../clock.ts',
    '../config.ts',
    '../errors.ts',
    '../types.ts',
  ])
})

test.run()
