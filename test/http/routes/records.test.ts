import {suite} from 'uvu'
import {equal, is} from 'uvu/assert'
import {deadline} from '../../support/deadline.ts'
import {type Answer, type Served, withHttp} from '../../support/http.ts'

const test = suite('record routes')

const serve =
  (run: (served: Served) => Promise<void>): (() => Promise<void>) =>
  () =>
    deadline(30_000, withHttp(run))
const code = ({json}: Answer): unknown => (json as {code?: string}).code

test(
  'a record is created with its place, read, changed and found',
  serve(async ({call}) => {
    for (const [path, body] of [
      ['/v1/requests', {subject: 'Printer'}],
      ['/v1/assets', {name: 'sw1'}],
      ['/v1/users', {name: 'Ann'}],
    ] as const) {
      const made = await call('POST', path, {body})
      equal([made.status, made.headers.get('location')], [201, `${path}/1`])
      equal((await call('GET', `${path}/1`)).json, {...body, id: '1'})
      const changed = await call('PATCH', `${path}/1`, {body: {location: 'Berlin'}})
      equal([changed.status, (changed.json as {location: string}).location], [200, 'Berlin'])
      const where = encodeURIComponent('{"location":"Berlin"}')
      is(((await call('GET', `${path}?where=${where}&limit=5`)).json as {total: number}).total, 1)
      is(code(await call('GET', `${path}/2`)), 'RECORD_NOT_FOUND')
      is(code(await call('PATCH', `${path}/2`, {body: {}})), 'RECORD_NOT_FOUND')
    }
  }),
)

test(
  'the one who asks is the author of a note',
  serve(async ({call}) => {
    await call('POST', '/v1/requests', {body: {subject: 'Printer'}})
    const made = await call('POST', '/v1/requests/1/notes', {body: {text: 'Done', public: true}})
    is(made.status, 201)
    equal((await call('GET', '/v1/requests/1/notes')).json, {items: [made.json]})
    equal([(made.json as {author: string}).author, (made.json as {public: boolean}).public], ['admin', true])
    equal((await call('GET', '/v1/requests/1/attachments')).json, {items: []})
    for (const part of ['notes', 'attachments'])
      is(code(await call('GET', `/v1/requests/9/${part}`)), 'RECORD_NOT_FOUND')
  }),
)

test(
  'fields are listed, made and removed; the state of the main server is told',
  serve(async ({call}) => {
    const made = await call('POST', '/v1/fields/request', {body: {label: 'Room', type: 'number'}})
    is(made.status, 201)
    const {id} = made.json as {id: string}
    is(((await call('GET', '/v1/fields/request')).json as {items: unknown[]}).items.length, 2)
    is((await call('DELETE', `/v1/fields/request/${id}`)).status, 204)
    is(code(await call('DELETE', `/v1/fields/request/${id}`)), 'RECORD_NOT_FOUND')
    is(((await call('GET', '/v1/main-server')).json as {kind: string}).kind, 'desk')
  }),
)

test(
  'what is refused names the field; what cannot be read names the place',
  serve(async ({call}) => {
    const refused = await call('POST', '/v1/requests', {body: {}})
    equal([refused.status, code(refused)], [422, 'MAIN_SERVER_REFUSED'])
    equal((refused.json as {problems: object[]}).problems, [{pointer: '/subject', message: 'must not be empty'}])
    const wrong: [method: string, path: string, body?: unknown][] = [
      ['GET', '/v1/requests?where=5'],
      ['GET', '/v1/requests?where={'],
      ['GET', `/v1/requests?where=${JSON.stringify(Object.fromEntries(Array.from({length: 51}, (_, n) => [n, n])))}`],
      ['GET', '/v1/requests?limit=1001'],
      ['GET', '/v1/requests?offset=-1'],
      ['GET', '/v1/requests?page=1'],
      ['POST', '/v1/requests', [1]],
      ['GET', '/v1/fields/ticket'],
      ['POST', '/v1/fields/request', {label: 'x', type: 'money'}],
      ['POST', '/v1/fields/request', {label: '', type: 'text'}],
      ['POST', '/v1/fields/request', {label: 'x', type: 'choice', choices: []}],
      ['POST', '/v1/requests/1/notes', {text: ''}],
    ]
    for (const [method, path, body] of wrong) {
      const answer = await call(method, path, {body})
      equal([answer.status, code(answer)], [400, 'REQUEST_INVALID'], `${method} ${path}`)
    }
  }),
)

test(
  'looking takes the scope read, making takes operate, fields take admin',
  serve(async ({call}) => {
    const token = 'read-token'
    is((await call('GET', '/v1/requests', {token})).status, 200)
    is((await call('GET', '/v1/main-server', {token})).status, 200)
    is((await call('GET', '/v1/requests', {token: 'execute-token'})).status, 403)
    is((await call('POST', '/v1/requests', {token, body: {subject: 'x'}})).status, 403)
    is((await call('PATCH', '/v1/requests/1', {token, body: {}})).status, 403)
    is((await call('POST', '/v1/requests/1/notes', {token, body: {text: 'x'}})).status, 403)
    is((await call('POST', '/v1/fields/request', {token, body: {label: 'x', type: 'text'}})).status, 403)
    is((await call('DELETE', '/v1/fields/request/cf:1', {token})).status, 403)
  }),
)

test.run()
