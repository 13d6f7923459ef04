import {pipeline, Readable} from 'node:stream'
import {gzipSync} from 'node:zlib'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline, eventually} from '../../../../test/support/deadline.ts'
import {callFetch, callSend, failureOf} from '../call.ts'
import {withServer, withTcpServer} from '../servers.ts'

const test = suite('faults')
const ONCE = {retry: {max: 0}}
const HURRY = {...ONCE, timeouts: {totalMs: 300}}

test('A server that never answers: a read may be tried again, what was sent is unknown', async () => {
  await deadline(10_000, () =>
    withServer(
      () => {},
      async ({url}) => {
        const read = await failureOf(callFetch(HURRY, {url}))
        assert.equal([read.category, read.code, read.retryable], ['unavailable', 'ANSWER_TIMEOUT', true])
        for (const method of ['POST', 'PATCH', 'GET']) {
          const sent = await failureOf(callSend(HURRY, {method, url}))
          assert.equal([sent.category, sent.code, sent.retryable], ['unknown', 'ANSWER_TIMEOUT', false], method)
        }
        const put = await failureOf(callSend(HURRY, {method: 'PUT', url}))
        assert.equal([put.category, put.retryable], ['unavailable', true])
      },
    ),
  )
})

test('An answer that stalls in the middle is ended by the time limit too', async () => {
  await deadline(10_000, () =>
    withServer(
      (_, response) => response.writeHead(200, {'content-length': '100'}).write('half'),
      async ({url}) => {
        assert.is((await failureOf(callFetch(HURRY, {url}))).code, 'ANSWER_TIMEOUT')
        assert.is((await failureOf(callSend(HURRY, {url}))).category, 'unknown')
      },
    ),
  )
})

test('A half answer and a cut connection are no success', async () => {
  const ends: {[path: string]: string} = {
    '/length': 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf',
    '/chunked': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
    '/head': 'HTTP/1.1 200 OK\r\nContent-Le',
    '/nothing': '',
    '/upgrade': 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    '/gzip': 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08',
  }
  await deadline(10_000, () =>
    withTcpServer(
      socket =>
        socket.once('data', data => socket.end(Buffer.from(ends[data.toString().split(' ')[1] ?? ''] ?? '', 'latin1'))),
      async ({url}) => {
        for (const path of Object.keys(ends)) {
          const read = await failureOf(callFetch(ONCE, {url: url + path}))
          assert.equal([read.category, read.retryable], ['network', true], path)
          const sent = await failureOf(callSend(ONCE, {url: url + path}))
          assert.equal([sent.category, sent.retryable], ['unknown', false], path)
        }
      },
    ),
  )
})

test('A connection that is reset after the request is unknown for what was sent', async () => {
  await deadline(10_000, () =>
    withTcpServer(
      socket => socket.once('data', () => socket.resetAndDestroy()),
      async ({url}) => {
        const sent = await failureOf(callSend(ONCE, {url}))
        assert.equal([sent.category, sent.code, sent.retryable], ['unknown', 'CONNECTION_LOST', false])
        assert.is((await failureOf(callFetch(ONCE, {url}))).category, 'network')
      },
    ),
  )
})

test('What is no HTTP, and two lengths that disagree, are refused', async () => {
  const answers = [
    'SSH-2.0-OpenSSH_9.2\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc',
    'HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n',
  ]
  await deadline(10_000, () =>
    withTcpServer(
      (socket, count) => void socket.end(answers[count - 1] ?? ''),
      async ({url}) => {
        for (const answer of answers) {
          const {category, message} = await failureOf(callFetch(ONCE, {url}))
          assert.is(category, 'network', answer)
          assert.match(message, 'not readable')
        }
      },
    ),
  )
})

test('Packed answers are unpacked, and one that is no gzip is told as such', async () => {
  await deadline(10_000, () =>
    withServer(
      ({url}, response) => {
        response.setHeader('content-encoding', 'gzip')
        if (url === '/empty') response.writeHead(204).end()
        else response.end(url === '/ok' ? gzipSync('{"a":"ü"}') : 'no gzip')
      },
      async ({url}) => {
        assert.is((await callFetch({}, {url: `${url}/ok`, extract: {path: 'a'}})).output.value, 'ü')
        assert.is((await callFetch({}, {url: `${url}/empty`})).output.status, 204)
        assert.match((await failureOf(callFetch(ONCE, {url: `${url}/bad`}))).message, 'not readable')
      },
    ),
  )
})

test('Of 30 MB, plain or as a gzip bomb, only the allowed part is read', async () => {
  const large = Buffer.alloc(30 * 1024 * 1024, 'a')
  const packed = gzipSync(large)
  await deadline(30_000, () =>
    withServer(
      ({url}, response) => {
        if (url === '/packed') response.setHeader('content-encoding', 'gzip')
        response.end(url === '/packed' ? packed : large)
      },
      async ({url}) => {
        const config = {...ONCE, answer: {maxBytes: 100_000, bodyChars: 1_000_000}}
        for (const path of ['/plain', '/packed']) {
          const {output} = await callSend(config, {url: url + path})
          assert.equal([output.status, output.body?.length, output.bodyCut], [200, 100_000, true])
          const failure = await failureOf(
            callSend(config, {url: url + path, expect: {from: 'json', path: 'a', equals: 1}}),
          )
          assert.equal([failure.category, failure.code, failure.retryable], ['business', 'ANSWER_UNREADABLE', false])
        }
      },
    ),
  )
})

test('An answer without an end is left unread at the limit', async () => {
  await deadline(10_000, () =>
    withServer(
      (_, response) => void pipeline(Readable.from(endless()), response, () => {}),
      async ({url}) => {
        const {output} = await callFetch({answer: {maxBytes: 100_000}}, {url})
        assert.equal([output.status, output.bodyCut], [200, true])
      },
    ),
  )
})

function* endless(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(16_384, 'a')
}

test('A call never outlives its deadline, however long the time limits are', async () => {
  await deadline(5000, () =>
    withServer(
      () => {},
      async ({url}) => {
        const {category} = await failureOf(callFetch({}, {url}, {deadlineMs: 500}))
        assert.is(category, 'unavailable')
      },
    ),
  )
})

test('A cancelled call ends at once; what had been sent is told as unknown', async () => {
  await deadline(10_000, () =>
    withServer(
      () => {},
      async ({url, received}) => {
        const controller = new AbortController()
        const {signal} = controller
        const read = failureOf(callFetch({}, {url}, {signal}))
        const sent = failureOf(callSend({}, {url}, {signal}))
        await eventually(5000, () => received.length === 2)
        controller.abort(new Error('the caller went away'))
        assert.equal([(await read).category, (await read).message], ['none', 'the caller went away'])
        assert.equal(
          [(await sent).category, (await sent).code, (await sent).retryable],
          ['unknown', 'CANCELLED_AFTER_SENDING', false],
        )
      },
    ),
  )
})

test('A connection that does not come about is given up in time, and nothing was sent', async () => {
  await deadline(10_000, () =>
    withTcpServer(
      () => {},
      async ({url}) => {
        const config = {...ONCE, timeouts: {connectMs: 300}}
        const failure = await failureOf(callSend(config, {url: url.replace('http:', 'https:')}))
        assert.equal([failure.category, failure.code, failure.retryable], ['unavailable', 'CONNECT_TIMEOUT', true])
      },
    ),
  )
})

test.run()
