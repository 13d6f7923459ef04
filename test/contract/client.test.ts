/** The typed client is what the OpenAPI document says. */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {ROUTES} from '../../bin/operations.types.ts'
import {listOperations, withDescription} from '../support/api-description.ts'
import {renderClient} from '../support/render-client.ts'

const test = suite('client')
const bin = join(import.meta.dirname, '../../bin')
const file = join(bin, 'operations.types.ts')

test(
  'bin/operations.types.ts is what the document gives: else run "node test/write-client.ts"',
  withDescription(description => {
    assert.fixture(readFileSync(file, 'utf8'), renderClient(description))
  }),
)

test(
  'every operation has a name, and no two have the same',
  withDescription(description => {
    const names = listOperations(description).map(({operation}) => operation.operationId)
    assert.equal(names.toSorted(), Object.keys(ROUTES))
    assert.is(new Set(names).size, names.length)
  }),
)

test(
  'a field that the document drops changes the types',
  withDescription(description => {
    const before = renderClient(description)
    const changed = structuredClone(description)
    const {requestBody} = changed.paths['/v1/plugins/{id}/activate']?.post ?? {}
    const schema = requestBody?.content['application/json']?.schema as {properties?: object; required?: string[]}
    schema.properties = {}
    assert.is.not(renderClient(changed), before)
  }),
)

test('for other programs, it loads nothing but its own files', () => {
  const own = ['./api-error.ts', './api-request.ts', './operations.types.ts']
  const loaded = ['./api-client.ts', ...own].flatMap(name =>
    [...readFileSync(join(bin, name), 'utf8').matchAll(/^(?:import|export|}).* from '([^']+)'/gm)].flatMap(
      ([statement, from]) => (/^import type /.test(statement) ? [] : [from]),
    ),
  )
  assert.equal([...new Set(loaded)].sort(), own)
})

test.run()
