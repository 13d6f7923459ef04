import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {renderEvents, type StreamEvent} from '../../host/http/sse.ts'
import {deadline} from '../support/deadline.ts'

const test = suite('sse')

async function* listEvents(...ids: string[]): AsyncGenerator<StreamEvent> {
  for (const id of ids) yield {id, data: {line: `a\n${id}`}}
}

test('events are one block each and the stream ends with its source', async () => {
  const blocks: string[] = []
  for await (const block of renderEvents(listEvents('1', '2'))) blocks.push(block)
  assert.equal(blocks, [': open\n\n', 'id: 1\ndata: {"line":"a\\n1"}\n\n', 'id: 2\ndata: {"line":"a\\n2"}\n\n'])
})

test('while nothing comes, heartbeats do, and no event is lost to them', () =>
  deadline(10_000, async () => {
    const {promise, resolve} = Promise.withResolvers<void>()
    async function* waitThenGive(): AsyncGenerator<StreamEvent> {
      await promise
      yield {id: '1', data: 1}
    }
    const blocks: string[] = []
    for await (const block of renderEvents(waitThenGive(), {heartbeatMs: 5})) {
      blocks.push(block)
      if (blocks.length === 4) resolve()
    }
    assert.equal(blocks.slice(0, 4), [': open\n\n', ...Array(3).fill(': heartbeat\n\n')])
    assert.is(blocks.at(-1), 'id: 1\ndata: 1\n\n')
  }))

test('leaving early releases the source', async () => {
  let released = false
  async function* endless(): AsyncGenerator<StreamEvent> {
    try {
      for (;;) yield {id: '1', data: 1}
    } finally {
      released = true
    }
  }
  let count = 0
  for await (const _block of renderEvents(endless())) if (++count === 3) break
  assert.ok(released)
})

test.run()
