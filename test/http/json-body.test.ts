import {connect} from 'node:net'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline} from '../support/deadline.ts'
import {type Answer, type Served, sendRaw, withHttp} from '../support/http.ts'

const test = suite('json-body')

const EXECUTE = '/v1/registrations/echo/actions/echo/execute'

function within(run: (served: Served) => Promise<void>, settings = {}): () => Promise<void> {
  return () => deadline(20_000, withHttp(run, settings))
}

function send(call: Served['call'], body: string | Uint8Array, type = 'application/json'): Promise<Answer> {
  return call('POST', EXECUTE, {body, headers: {'content-type': type}})
}

const HEAD = `POST ${EXECUTE} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer admin-token\r\nContent-Type: application/json\r\n`

const codeOf = ({json}: Answer): unknown => (json as {code?: unknown} | undefined)?.code

test(
  'an object of any content reaches the host as it was sent',
  within(async ({call, host}) => {
    const input = {text: 'ä€😀"\\\n', numbers: [0, -1.5, 1e300], nested: {a: [null, true, {}]}, constructor: 'fine'}
    assert.is((await call('POST', EXECUTE, {body: {input}})).status, 200)
    assert.equal(host.requests[0]?.input, input)
  }),
)

test(
  'text that is cut in the middle of a character by the network is put together',
  within(async ({call, host}) => {
    const input = {text: '😀'.repeat(100_000)}
    assert.is((await call('POST', EXECUTE, {body: {input}})).status, 200)
    assert.equal(host.requests[0]?.input, input)
  }),
)

test(
  'no body at all is an empty object',
  within(async ({call, host}) => {
    assert.is((await call('POST', EXECUTE)).status, 200)
    assert.is((await send(call, '')).status, 200)
    assert.equal(
      host.requests.map(request => request.input),
      [{}, {}],
    )
  }),
)

test(
  'what is no JSON object is refused and nothing is executed',
  within(async ({call, host}) => {
    for (const body of ['{', '{"input": 1,}', "{'a': 1}", '[]', '"text"', '7', '{"input": NaN}', '{} {}']) {
      const answer = await send(call, body)
      assert.equal([answer.status, codeOf(answer)], [400, 'REQUEST_INVALID'], body)
      assert.match(answer.headers.get('content-type') ?? '', 'application/problem+json')
    }
    assert.is(host.requests.length, 0)
  }),
)

test(
  'bytes that are no UTF-8 are refused',
  within(async ({call}) => {
    const answer = await send(call, Buffer.from([0x22, 0xff, 0xfe, 0x22]))
    assert.equal([answer.status, answer.text.includes('UTF-8')], [400, true])
  }),
)

test(
  'keys that reach for prototypes are refused, however they are written',
  within(async ({call, host}) => {
    const bodies = [
      '{"input": {"__proto__": {"polluted": 1}}}',
      '{"input": {"\\u005f_proto__": 1}}',
      '{"input": {"constructor": {"prototype": {"polluted": 1}}}}',
    ]
    for (const body of bodies) assert.is((await send(call, body)).status, 400, body)
    assert.is(host.requests.length, 0)
    assert.not.ok('polluted' in {})
  }),
)

test(
  'JSON bombs are refused without being built',
  within(async ({call}) => {
    for (const body of [
      '['.repeat(1_000_000),
      '{"a":'.repeat(200_000),
      `{"input":${'['.repeat(64)}${']'.repeat(64)}}`,
    ]) {
      const answer = await send(call, body)
      assert.equal([answer.status, answer.text.includes('64 levels')], [400, true])
    }
    assert.is((await send(call, `{"input":${'['.repeat(63)}${']'.repeat(63)}}`)).status, 200)
  }),
)

test(
  'a body over the limit is refused, announced or not, and the answer arrives',
  within(
    async ({call, port}) => {
      const big = JSON.stringify({input: 'x'.repeat(2000)})
      assert.equal([(await send(call, big)).status, codeOf(await send(call, big))], [413, 'REQUEST_TOO_LARGE'])
      const chunk = `400\r\n${'x'.repeat(1024)}\r\n`
      const answer = await sendRaw(
        port,
        `${HEAD}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunk.repeat(3)}0\r\n\r\n`,
      )
      assert.match(answer, /^HTTP\/1\.1 413 .*REQUEST_TOO_LARGE/s)
    },
    {bodyBytes: 1024},
  ),
)

/** Sends far more than sockets hold before it looks for an answer. */
function sendMuch(port: number, head: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1').on('error', reject).pause()
    socket.write(`${head}Content-Length: 20000000\r\n\r\n`)
    socket.write(Buffer.alloc(20_000_000), () => {
      socket.once('data', chunk => {
        socket.destroy()
        resolve(String(chunk))
      })
      socket.resume()
    })
  })
}

test(
  'a refusal reaches a client that is still sending',
  within(
    async ({port}) => {
      assert.match(await sendMuch(port, HEAD), /^HTTP\/1\.1 413 /)
      assert.match(await sendMuch(port, HEAD.replace('admin', 'wrong')), /^HTTP\/1\.1 401 /)
    },
    {bodyBytes: 1024},
  ),
)

test(
  'another content type is refused by its name',
  within(async ({call}) => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/zip',
    ]) {
      const answer = await send(call, 'a', type)
      assert.equal([answer.status, codeOf(answer), answer.text.includes(type)], [415, 'REQUEST_MEDIA_TYPE', true])
    }
    assert.is((await send(call, '{}', 'nonsense')).status, 415)
    assert.is((await send(call, '{}', 'application/json; charset=utf-8')).status, 200)
  }),
)

test(
  'a body that does not arrive in time is refused and the connection closed',
  within(
    async ({port, host}) => {
      const answer = await sendRaw(port, `${HEAD}Content-Length: 100\r\n\r\n{"input"`)
      assert.match(answer, /^HTTP\/1\.1 408 .*REQUEST_TIMEOUT/s)
      assert.is(host.requests.length, 0)
    },
    {requestTimeoutMs: 400},
  ),
)

test(
  'each refused key is named by its JSON pointer',
  within(async ({call}) => {
    const answer = await call('POST', EXECUTE, {body: {inputs: 1, mode: 'real', deadlineMs: 0}})
    const {problems} = answer.json as {problems: {pointer: string; message: string}[]}
    assert.equal(problems.map(problem => problem.pointer).sort(), ['/body/deadlineMs', '/body/inputs', '/body/mode'])
    assert.ok(problems.every(problem => problem.message.length > 5))
  }),
)

test.run()
