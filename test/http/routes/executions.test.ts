import {connect} from 'node:net'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {HostError} from '../../../host/errors.ts'
import {deadline, eventually} from '../../support/deadline.ts'
import {type Served, withHttp} from '../../support/http.ts'

const test = suite('executions')

const EXECUTE = '/v1/registrations/echo/actions'

function within(run: (served: Served) => Promise<void>): () => Promise<void> {
  return () => deadline(20_000, withHttp(run))
}

test(
  'an action gets what was sent, and who sent it',
  within(async ({call, host}) => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    const body = {input: {name: 'Ann'}, mode: 'dryRun', deadlineMs: 1234}
    const answer = await call('POST', `${EXECUTE}/echo/execute`, {
      body,
      token: 'execute-token',
      headers: {'idempotency-key': 'k1', traceparent},
    })
    assert.equal([answer.status, (answer.json as {output: unknown}).output], [200, {name: 'Ann'}])
    const [{signal, ...request} = {}] = host.requests
    assert.ok(signal)
    assert.equal(request, {
      registration: 'echo',
      action: 'echo',
      ...body,
      by: 'caller',
      idempotencyKey: 'k1',
      trace: {traceparent},
    })
  }),
)

test(
  'what the caller left out is left to the host',
  within(async ({call, host}) => {
    await call('POST', `${EXECUTE}/echo/execute`, {body: {}})
    const {signal: _, ...request} = host.requests[0] ?? {}
    assert.equal(request, {registration: 'echo', action: 'echo', input: {}, by: 'admin'})
  }),
)

test(
  'an input of null, false or a list is an input',
  within(async ({call, host}) => {
    for (const input of [null, false, [1]]) await call('POST', `${EXECUTE}/echo/execute`, {body: {input}})
    assert.equal(
      host.requests.map(request => request.input),
      [null, false, [1]],
    )
  }),
)

test(
  'a malformed trace context is ignored, a malformed idempotency key refused',
  within(async ({call, host}) => {
    for (const traceparent of [
      'nonsense',
      `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`,
      `ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    ]) {
      assert.is((await call('POST', `${EXECUTE}/echo/execute`, {body: {}, headers: {traceparent}})).status, 200)
    }
    assert.ok(host.requests.every(request => request.trace === undefined))
    const answer = await call('POST', `${EXECUTE}/echo/execute`, {
      body: {},
      headers: {'idempotency-key': 'k'.repeat(256)},
    })
    assert.equal([answer.status, host.requests.length], [400, 3])
  }),
)

test(
  'an action that failed is 200: the outcome tells it',
  within(async ({call}) => {
    const answer = await call('POST', `${EXECUTE}/fail/execute`, {body: {}})
    assert.equal([answer.status, (answer.json as {status: string}).status], [200, 'failed'])
  }),
)

test(
  'with a preference for an asynchronous answer it is accepted, and where to look is told',
  within(async ({call, host}) => {
    const options = {body: {input: 1}, headers: {prefer: 'wait=5, Respond-Async', 'idempotency-key': 'k'}}
    const answer = await call('POST', `${EXECUTE}/echo/execute`, {...options, token: 'echo-token'})
    assert.equal(
      [answer.status, answer.headers.get('location'), answer.headers.get('preference-applied')],
      [202, '/v1/executions/e1', 'respond-async'],
    )
    assert.equal((answer.json as {status: string}).status, 'queued')
    const [request] = host.requests
    assert.equal(request, {registration: 'echo', action: 'echo', input: 1, by: 'one-plugin', idempotencyKey: 'k'})
    const seen = await call('GET', '/v1/executions/e1', {token: 'echo-token'})
    assert.is(seen.status, 200, 'who asked may look')
    assert.is((await call('GET', '/v1/executions/e1', {token: 'other-token'})).status, 403)
    const other = await call('POST', `${EXECUTE}/echo/execute`, {body: {}, headers: {prefer: 'wait=5'}})
    assert.equal([other.status, other.headers.get('preference-applied')], [200, null])
  }),
)

test(
  'a record and a mapping take the place of the input',
  within(async ({call, host}) => {
    const body = {record: 'request:12', mapping: 'joiner', mode: 'dryRun'}
    const answer = await call('POST', `${EXECUTE}/echo/execute`, {body})
    assert.equal([answer.status, (answer.json as {output: unknown}).output], [200, {read: 'request:12'}])
    assert.is(typeof host.requests[0]?.signal?.aborted, 'boolean', 'going away cancels it, too')
    const whole = {record: {id: '1', subject: 's'}, old: {id: '1'}, mapping: 'joiner'}
    const later = await call('POST', `${EXECUTE}/echo/execute`, {body: whole, headers: {prefer: 'respond-async'}})
    assert.is(later.status, 202)
    assert.equal(host.requests[1]?.input, whole.record)
  }),
)

test(
  'an input beside a mapping, or half a mapping, is refused',
  within(async ({call, host}) => {
    for (const body of [
      {input: {}, mapping: 'm', record: 'request:1'},
      {mapping: 'm'},
      {record: 'request:1'},
      {old: {}, input: {}},
      {mapping: '', record: 'request:1'},
      {mapping: 'm', record: 5},
      {mapping: 'm', record: ''},
      {mapping: 'm', record: {}, old: 'request:1'},
    ]) {
      const answer = await call('POST', `${EXECUTE}/echo/execute`, {body})
      assert.equal(
        [answer.status, (answer.json as {code: string}).code],
        [400, 'REQUEST_INVALID'],
        JSON.stringify(body),
      )
    }
    assert.equal(host.requests, [])
  }),
)

test(
  'what was not begun is a problem with the status of its code',
  within(async ({call, host}) => {
    const refuse = (error: HostError) => () => {
      throw error
    }
    host.actions.busy = refuse(new HostError('PLUGIN_BUSY', {id: 'echo', retryAfterMs: 2500}))
    host.actions.parked = refuse(new HostError('PLUGIN_PARKED', {id: 'echo', reason: 'exit 1', retryAfterMs: 60_000}))
    host.actions.invalid = refuse(
      new HostError('INPUT_INVALID', {reason: 'x', problems: [{pointer: '/name', message: 'is required'}]}),
    )
    const ask = async (action: string): Promise<unknown[]> => {
      const {status, json, headers} = await call('POST', `${EXECUTE}/${action}/execute`, {body: {}})
      return [status, (json as {code: string}).code, headers.get('retry-after')]
    }
    assert.equal(await ask('busy'), [429, 'PLUGIN_BUSY', '3'])
    assert.equal(await ask('parked'), [503, 'PLUGIN_PARKED', '60'])
    assert.equal(await ask('none'), [404, 'ACTION_NOT_FOUND', null])
    const {json} = await call('POST', `${EXECUTE}/invalid/execute`, {body: {}})
    assert.equal((json as {problems: unknown}).problems, [{pointer: '/name', message: 'is required'}])
    assert.is((await call('POST', '/v1/registrations/none/actions/echo/execute', {body: {}})).status, 404)
  }),
)

test(
  'a client that goes away cancels its call, and only its own',
  within(async ({call, host}) => {
    const leaving = new AbortController()
    const left = call('POST', `${EXECUTE}/hang/execute`, {body: {input: 1}, signal: leaving.signal}).catch(() => 'left')
    const staying = call('POST', `${EXECUTE}/hang/execute`, {
      body: {input: 2},
      signal: AbortSignal.timeout(15_000),
    }).catch(() => 'cut')
    await eventually(5000, () => host.requests.length === 2)
    leaving.abort()
    assert.is(await left, 'left')
    const signalOf = (input: number) => host.requests.find(request => request.input === input)?.signal
    await eventually(5000, () => signalOf(1)?.aborted)
    assert.is(signalOf(2)?.aborted, false)
    void staying
  }),
)

test(
  'a call that was answered is not cancelled when its connection ends',
  within(async ({call, host, port}) => {
    const body = '{"input":{}}'
    const socket = connect(port, '127.0.0.1')
    socket.write(
      `POST ${EXECUTE}/echo/execute HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer admin-token\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    await new Promise(resolve => socket.once('data', resolve))
    socket.destroy()
    await call('GET', '/healthz')
    assert.is(host.requests[0]?.signal?.aborted, false)
  }),
)

test(
  'executions are listed newest first, page by page',
  within(async ({call}) => {
    for (let count = 0; count < 5; count += 1) await call('POST', `${EXECUTE}/echo/execute`, {body: {}})
    const list = async (query: string): Promise<{ids: string[]; next: string | null}> => {
      const {items, next} = (await call('GET', `/v1/executions?${query}`)).json as {
        items: {execution: string}[]
        next: string | null
      }
      return {ids: items.map(item => item.execution), next}
    }
    assert.equal(await list('limit=2'), {ids: ['e5', 'e4'], next: 'e4'})
    assert.equal(await list('limit=2&before=e4'), {ids: ['e3', 'e2'], next: 'e2'})
    assert.equal(await list('limit=2&before=e2'), {ids: ['e1'], next: null})
    assert.equal(await list('status=failed&plugin=echo&registration=echo'), {ids: [], next: null})
  }),
)

test(
  'filters that mean nothing are refused by their pointer',
  within(async ({call}) => {
    for (const query of [
      'limit=0',
      'limit=1001',
      'limit=ten',
      'status=odd',
      'plugins=echo',
      'limit=1&limit=2',
      'since=x',
      'since=-1',
      'mode=dry',
    ]) {
      const answer = await call('GET', `/v1/executions?${query}`)
      assert.is(answer.status, 400, query)
      assert.match((answer.json as {problems: {pointer: string}[]}).problems[0]?.pointer ?? '', /^\/query\/\w/)
    }
  }),
)

test.run()
