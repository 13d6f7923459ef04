import {once} from 'node:events'
import {connect} from 'node:net'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import type {LogLine} from '../../../host/types.ts'
import {deadline, eventually} from '../../support/deadline.ts'
import {type Served, withHttp} from '../../support/http.ts'

const test = suite('logs')

const LOGS = '/v1/plugins/echo/logs'

function within(run: (served: Served) => Promise<void>): () => Promise<void> {
  return () => deadline(30_000, withHttp(run))
}

interface Follower {
  /** What came so far. */
  text(): string
  ids(): string[]
  leave(): void
  ended: Promise<void>
  headers: Headers
}

async function follow({url}: Served, query = '', headers: {[name: string]: string} = {}): Promise<Follower> {
  const leaving = new AbortController()
  const response = await fetch(`${url}${LOGS}?follow=true${query}`, {
    headers: {authorization: 'Bearer admin-token', ...headers},
    signal: leaving.signal,
  })
  assert.is(response.status, 200)
  let text = ''
  const read = async (): Promise<void> => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString()
  }
  const ended = read().catch(() => {})
  const ids = (): string[] => [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id ?? '')
  return {text: () => text, ids, leave: () => leaving.abort(), ended, headers: response.headers}
}

test(
  'the newest lines come oldest first, as many as asked for, of one execution if asked for',
  within(async ({call, host}) => {
    for (let count = 1; count <= 5; count += 1)
      host.log({message: `m${count}`, ...(count % 2 === 0 && {execution: 'e1'})})
    const read = async (query: string): Promise<string[]> =>
      ((await call('GET', `${LOGS}${query}`)).json as {items: LogLine[]}).items.map(line => line.message)
    assert.equal(await read(''), ['m1', 'm2', 'm3', 'm4', 'm5'])
    assert.equal(await read('?lines=2'), ['m4', 'm5'])
    assert.equal(await read('?lines=0'), [])
    assert.equal(await read('?execution=e1'), ['m2', 'm4'])
    assert.is((await call('GET', `${LOGS}?lines=many`)).status, 400)
    assert.is((await call('GET', '/v1/plugins/absent/logs?follow=true')).status, 404)
  }),
)

test(
  'following gives the lines there are, then each as it comes, once and in order',
  within(async served => {
    const {host} = served
    for (let count = 0; count < 3; count += 1) host.log({})
    const follower = await follow(served, '&lines=2')
    assert.match(follower.headers.get('content-type') ?? '', 'text/event-stream')
    assert.is(follower.headers.get('cache-control'), 'no-store')
    await eventually(5000, () => follower.ids().length === 2)
    for (let count = 0; count < 50; count += 1) host.log({message: 'two\nlines'})
    await eventually(5000, () => follower.ids().length === 52)
    assert.equal(
      follower.ids(),
      Array.from({length: 52}, (_, index) => String(index + 2)),
    )
    const data = /^data: (.*)$/m.exec(follower.text().split('id: 4\n')[1] ?? '')?.[1] ?? ''
    assert.is((JSON.parse(data) as LogLine).message, 'two\nlines')
    follower.leave()
  }),
)

test(
  'following one execution gives its lines only',
  within(async served => {
    const follower = await follow(served, '&execution=e1')
    for (const execution of ['e1', 'e2', 'e1']) served.host.log({execution})
    await eventually(5000, () => follower.ids().length === 2)
    assert.equal(follower.ids(), ['1', '3'])
    follower.leave()
  }),
)

test(
  'a follower that comes back goes on after its last line, however many there were since',
  within(async served => {
    for (let count = 0; count < 500; count += 1) served.host.log({})
    const follower = await follow(served, '', {'last-event-id': '2'})
    await eventually(5000, () => follower.ids().length === 498)
    assert.equal([follower.ids()[0], follower.ids().at(-1)], ['3', '500'])
    follower.leave()
  }),
)

test(
  'a last line that this server has not written yet is of a server before, and all lines are new',
  within(async served => {
    for (let count = 0; count < 2; count += 1) served.host.log({})
    const follower = await follow(served, '', {'last-event-id': '77'})
    await eventually(5000, () => follower.ids().length === 2)
    follower.leave()
  }),
)

test(
  'a follower that leaves is let go of, though no line comes',
  within(async served => {
    const follower = await follow(served)
    await eventually(5000, () => served.host.followers() === 1)
    follower.leave()
    await follower.ended
    await eventually(5000, () => served.host.followers() === 0)
  }),
)

test(
  'closing the server ends every follower',
  within(async served => {
    const followers = await Promise.all([follow(served), follow(served)])
    await served.close()
    await Promise.all(followers.map(follower => follower.ended))
    assert.is(served.host.followers(), 0)
  }),
)

test(
  'asking for the head alone follows nothing',
  within(async ({call, host}) => {
    const answer = await call('HEAD', `${LOGS}?follow=true`)
    assert.equal([answer.status, answer.text], [200, ''])
    await eventually(5000, () => host.followers() === 0)
  }),
)

test(
  'a follower that does not read is not asked for more lines than its buffers hold',
  within(async ({port, host}) => {
    let asked = 0
    // An endless source that counts what is taken from it.
    host.followLogs = async function* (_id, {signal}) {
      const [sample] = host.readLogs('echo')
      while (!signal.aborted && sample) {
        asked += 1
        yield {...sample, seq: asked + 1, message: 'x'.repeat(10_000)}
        await new Promise(resolve => setImmediate(resolve))
      }
    }
    host.log({})
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.pause()
    socket.write(`GET ${LOGS}?follow=true HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer admin-token\r\n\r\n`)
    let before = -1
    // Buffers of the two sockets fill first, then it stands still.
    await eventually(20_000, async () => {
      const still = asked > 10 && asked === before
      before = asked
      await new Promise(resolve => setTimeout(resolve, 200))
      return still
    })
    assert.ok(asked < 5000, `${asked} lines of 10 kB were taken`)
    const stood = asked
    socket.resume()
    await eventually(10_000, () => asked > stood + 100)
    socket.destroy()
  }),
)

test.run()
