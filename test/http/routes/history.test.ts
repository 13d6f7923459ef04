import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline} from '../../support/deadline.ts'
import {type Served, withHttp} from '../../support/http.ts'

const test = suite('the history of executions')

function within(run: (served: Served) => Promise<void>): () => Promise<void> {
  return () => deadline(20_000, withHttp(run))
}

async function executeEcho({call}: Served, action = 'echo'): Promise<void> {
  await call('POST', `/v1/registrations/echo/actions/${action}/execute`, {body: {input: {name: 'Ann'}}})
}

test(
  'every filter reaches the host',
  within(async ({call, host}) => {
    const filter = {
      plugin: 'echo',
      registration: 'r',
      action: 'a',
      status: 'failed',
      mode: 'dryRun',
      by: 'ann',
      record: 'request:12',
      since: 1000,
      until: 2000,
      limit: 5,
      before: 'e9',
    }
    const asked: unknown[] = []
    host.listExecutions = given => {
      asked.push(given)
      return []
    }
    const query = new URLSearchParams(Object.entries(filter).map(([key, value]) => [key, String(value)]))
    assert.is((await call('GET', `/v1/executions?${query}`)).status, 200)
    assert.equal(asked, [filter])
  }),
)

test(
  'an execution tells its input explained, its lines and its files',
  within(async served => {
    const {call, host} = served
    await executeEcho(served)
    host.log({message: 'mine', execution: 'e1'})
    host.log({message: 'another', execution: 'e2'})
    const input = (await call('GET', '/v1/executions/e1/input')).json
    assert.equal(input, {mapping: null, rows: [{target: 'name', configured: null, used: {name: 'Ann'}}]})
    const {items} = (await call('GET', '/v1/executions/e1/logs')).json as {items: {message: string}[]}
    assert.equal(
      items.map(({message}) => message),
      ['mine'],
    )
    assert.equal((await call('GET', '/v1/executions/e1/artifacts')).json, {items: []})
    for (const path of ['input', 'logs', 'artifacts']) {
      assert.is((await call('GET', `/v1/executions/e99/${path}`)).status, 404, path)
    }
    assert.is((await call('GET', '/v1/executions/e1/logs?lines=0')).status, 400)
  }),
)

test(
  'a replay is accepted as a new execution',
  within(async served => {
    const {call, host} = served
    await executeEcho(served)
    const answer = await call('POST', '/v1/executions/e1/replay', {body: {mode: 'dryRun'}})
    assert.equal([answer.status, answer.headers.get('location')], [202, '/v1/executions/e2'])
    const {by, mode, origin, input} = host.requests[1] ?? {}
    assert.equal([by, mode, origin, input], ['admin', 'dryRun', {kind: 'replay', id: 'e1'}, {name: 'Ann'}])
    assert.is((await call('POST', '/v1/executions/e1/replay')).status, 202, 'a body is not needed')
    assert.is((await call('POST', '/v1/executions/e99/replay')).status, 404)
    assert.is((await call('POST', '/v1/executions/e1/replay', {body: {mode: 'odd'}})).status, 400)
  }),
)

test(
  'executions are retried in bulk, by their ids or by a filter',
  within(async served => {
    const {call} = served
    await executeEcho(served)
    await executeEcho(served, 'fail')
    const retry = async (body: unknown): Promise<unknown> => (await call('POST', '/v1/executions/retry', {body})).json
    assert.equal(await retry({executions: ['e1', 'e9']}), {
      retried: [{execution: 'e1', as: 'e1-again'}],
      refused: [{execution: 'e9', reason: 'there is none'}],
    })
    assert.equal(await retry({filter: {status: 'failed'}}), {
      retried: [{execution: 'e2', as: 'e2-again'}],
      refused: [],
    })
    for (const body of [{}, {executions: []}, {executions: ['e1'], filter: {}}, {filter: {odd: 1}}]) {
      assert.is((await call('POST', '/v1/executions/retry', {body})).status, 400, JSON.stringify(body))
    }
  }),
)

test(
  'who may execute an action may see, end and repeat what came of it, and nothing else',
  within(async served => {
    const {call} = served
    await executeEcho(served)
    const ask = async (token: string): Promise<number[]> => {
      const statuses = []
      for (const [method, path] of [
        ['GET', '/v1/executions/e1'],
        ['GET', '/v1/executions/e1/input'],
        ['GET', '/v1/executions/e1/logs'],
        ['GET', '/v1/executions/e1/artifacts'],
        ['POST', '/v1/executions/e1/cancel'],
        ['POST', '/v1/executions/e1/replay'],
        ['GET', '/v1/executions'],
        ['POST', '/v1/executions/retry'],
      ] as const) {
        statuses.push((await call(method, path, {token})).status)
      }
      return statuses
    }
    assert.equal(await ask('echo-token'), [200, 200, 200, 200, 200, 202, 403, 403])
    assert.equal(await ask('other-token'), Array(8).fill(403))
    assert.equal(await ask('read-token'), [200, 200, 200, 200, 403, 403, 200, 403])
  }),
)

test.run()
