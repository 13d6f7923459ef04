import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline} from '../../../../test/support/deadline.ts'
import {callFetch, callSend, failureOf} from '../call.ts'
import {answerJson, type Respond, withServer, withTcpServer} from '../servers.ts'

const test = suite('retry')
const QUICK = {retry: {baseMs: 1}}
const KEYED = {retry: {baseMs: 1, idempotencyHeader: 'Idempotency-Key'}}

/** The statuses in order, then 200. */
function answerInTurn(...statuses: number[]): Respond {
  return (_, response, count) => answerJson(response, {count}, statuses[count - 1] ?? 200)
}

test('A read and a PUT are tried again on 429, 5xx and cut connections', async () => {
  await deadline(10_000, async () => {
    await withServer(answerInTurn(503, 429), async ({url, received}) => {
      const {output} = await callFetch(QUICK, {url})
      assert.equal([output.status, output.attempts, received.length], [200, 3, 3])
    })
    await withServer(
      (_, response, count) => (count < 3 ? response.socket?.destroy() : answerJson(response, {})),
      async ({url}) => assert.is((await callSend(QUICK, {method: 'PUT', url})).output.attempts, 3),
    )
  })
})

test('It ends after the configured attempts', async () => {
  await deadline(10_000, () =>
    withServer(answerInTurn(500, 500, 500, 500), async ({url, received}) => {
      const failure = await failureOf(callFetch(QUICK, {url}))
      assert.equal([failure.code, received.length], ['HTTP_500', 3])
      await failureOf(callFetch({retry: {max: 0}}, {url}))
      assert.is(received.length, 4)
    }),
  )
})

test('A POST, a PATCH and a GET that sends are sent once; the host may decide on the error', async () => {
  await deadline(10_000, () =>
    withServer(answerInTurn(503, 503, 503), async ({url, received}) => {
      for (const method of ['POST', 'PATCH', 'GET']) {
        const failure = await failureOf(callSend(QUICK, {method, url}, {idempotencyKey: 'k'}))
        assert.equal([failure.category, failure.retryable], ['unavailable', true])
      }
      assert.is(received.length, 3)
    }),
  )
})

test('With an idempotency header a POST is repeated under the same key', async () => {
  await deadline(10_000, () =>
    withServer(answerInTurn(503, 504), async ({url, received}) => {
      const {output} = await callSend(KEYED, {url, body: {}}, {idempotencyKey: 'execution-7'})
      assert.is(output.attempts, 3)
      assert.equal(
        received.map(({headers}) => headers['idempotency-key']),
        ['execution-7', 'execution-7', 'execution-7'],
      )
    }),
  )
})

test('Without a key to send the header stays away and nothing is repeated', async () => {
  await deadline(10_000, () =>
    withServer(answerInTurn(503), async ({url, received}) => {
      await failureOf(callSend(KEYED, {url}))
      assert.equal(
        received.map(({headers}) => headers['idempotency-key']),
        [undefined],
      )
    }),
  )
})

test('A POST that could not connect is tried again, as nothing was sent', async () => {
  await deadline(10_000, () =>
    withTcpServer(
      socket => socket.destroy(),
      async served => {
        const failure = await failureOf(callSend(QUICK, {url: served.url.replace('http:', 'https:')}))
        assert.equal([failure.category, failure.retryable, served.connections], ['network', true, 3])
      },
    ),
  )
})

test('A short Retry-After leads to another attempt, a long one is handed to the host', async () => {
  await deadline(15_000, () =>
    withServer(
      ({url}, response, count) => {
        const until = new Date(Date.now() + 1000).toUTCString()
        const wait = {'/seconds': '1', '/date': until, '/long': '3600'}[url] ?? ''
        if (url === '/long' || count % 2 === 1) response.setHeader('retry-after', wait)
        answerJson(response, {}, url === '/long' || count % 2 === 1 ? 429 : 200)
      },
      async ({url, received}) => {
        for (const path of ['/seconds', '/date']) {
          const {output} = await callFetch(QUICK, {url: url + path})
          assert.is(output.attempts, 2)
        }
        const failure = await failureOf(callFetch(QUICK, {url: `${url}/long`}))
        assert.equal([failure.category, failure.retryAfterMs, received.length], ['rateLimit', 3_600_000, 5])
      },
    ),
  )
})

test('No wait goes past the deadline', async () => {
  await deadline(5000, () =>
    withServer(answerInTurn(503, 503), async ({url, received}) => {
      const failure = await failureOf(callFetch({retry: {baseMs: 5000}}, {url}, {deadlineMs: 2000}))
      assert.equal([failure.code, received.length], ['HTTP_503', 1])
    }),
  )
})

test.run()
