import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline} from '../../support/deadline.ts'
import {type Served, withHttp} from '../../support/http.ts'
import {OPEN_PROBLEM} from '../../support/memory-mappings.ts'

const test = suite('mappings')

function within(run: (served: Served) => Promise<void>): () => Promise<void> {
  return () => deadline(20_000, withHttp(run))
}

const PATH = '/v1/registrations/echo/mappings'
const body = {action: 'echo', rows: [{target: 'text', template: '{#Subject}', missing: {default: 'none'}}]}

test(
  'a mapping is put, read, listed and removed',
  within(async ({call}) => {
    const made = await call('PUT', `${PATH}/urgent`, {body})
    assert.is(made.status, 200)
    const {revision, savedBy, rows} = made.json as {revision: number; savedBy: string; rows: unknown}
    assert.equal([revision, savedBy, rows], [1, 'admin', body.rows])
    assert.equal((await call('GET', `${PATH}/urgent`)).json, made.json)
    assert.equal((await call('GET', PATH)).json, {items: [made.json]})
    assert.is((await call('DELETE', `${PATH}/urgent`)).status, 204)
    assert.is((await call('DELETE', `${PATH}/urgent`)).status, 404)
    assert.is((await call('GET', '/v1/registrations/nobody/mappings')).status, 404)
  }),
)

test(
  'one with errors is refused with the place, the character and the remedy of each',
  within(async ({call}) => {
    const {status, json} = await call('PUT', `${PATH}/urgent`, {
      body: {action: 'echo', rows: [{target: 'text', template: 'to {#Subject'}]},
    })
    const {code, problems} = json as {code: string; problems: unknown}
    assert.equal([status, code, problems], [422, 'MAPPING_INVALID', [OPEN_PROBLEM]])
  }),
)

test(
  'what is missing, of the wrong type or unknown is refused by its pointer',
  within(async ({call}) => {
    const row = body.rows[0]
    const attempts: [body: unknown, pointer: string][] = [
      [{rows: []}, '/body/action'],
      [{action: 'echo'}, '/body/rows'],
      [{...body, name: 'x'}, '/body/name'],
      [{...body, module: 'house'}, '/body/module'],
      [{...body, rows: [{...row, when: 'always'}]}, '/body/rows/0/when'],
      [{...body, rows: [{...row, template: 7}]}, '/body/rows/0/template'],
      [{...body, rows: [{...row, missing: 'skip'}]}, '/body/rows/0/missing'],
      [{...body, output: [{source: 'message'}]}, '/body/output/0/field'],
      [{...body, tables: {a: {rows: [{from: 1}]}}}, '/body/tables/a/rows/0/to'],
    ]
    for (const [given, pointer] of attempts) {
      const {status, json} = await call('PUT', `${PATH}/x`, {body: given})
      const {problems} = json as {problems: {pointer: string}[]}
      assert.is(status, 400)
      assert.ok(
        problems.some(problem => problem.pointer === pointer),
        `${pointer}: ${JSON.stringify(problems)}`,
      )
    }
  }),
)

test(
  'a preview is of a mapping by its name or of one that is given',
  within(async ({call, host}) => {
    await call('PUT', `${PATH}/urgent`, {body})
    const asked: unknown[] = []
    const {previewMapping} = host
    host.previewMapping = async request => {
      asked.push(request)
      return previewMapping(request)
    }
    const ask = {registration: 'echo', mapping: 'urgent', record: '12', old: {subject: 'a'}}
    const {status, json} = await call('POST', '/v1/mappings/preview', {body: ask})
    assert.equal([status, (json as {ok: boolean}).ok], [200, true])
    assert.is(
      (await call('POST', '/v1/mappings/preview', {body: {...ask, mapping: body, record: {id: '1'}}})).status,
      200,
    )
    assert.equal(asked, [ask, {...ask, mapping: body, record: {id: '1'}}])
    assert.is((await call('POST', '/v1/mappings/preview', {body: {...ask, mapping: 'gone'}})).status, 404)
    assert.is((await call('POST', '/v1/mappings/preview', {body: {...ask, record: 12}})).status, 400)
  }),
)

test(
  'looking takes read, changing and trying out take map',
  within(async ({call}) => {
    const token = 'read-token'
    assert.is((await call('GET', PATH, {token})).status, 200)
    assert.is((await call('PUT', `${PATH}/x`, {token, body})).status, 403)
    assert.is((await call('DELETE', `${PATH}/x`, {token})).status, 403)
    const ask = {registration: 'echo', mapping: body, record: '1'}
    assert.is((await call('POST', '/v1/mappings/preview', {token, body: ask})).status, 403)
    assert.is((await call('GET', PATH, {token: 'execute-token'})).status, 403)
  }),
)

test.run()
