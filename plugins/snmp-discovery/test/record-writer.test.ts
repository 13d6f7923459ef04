import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {RecordWriter} from '../record-writer.ts'
import {failureOf} from './call.ts'

const test = suite('record-writer')

test('the first record leaves at once, those that come meanwhile leave together', async () => {
  const gates: PromiseWithResolvers<void>[] = []
  const batches: number[][] = []
  const writer = new RecordWriter<{n: number}>(records => {
    batches.push(records.map(({n}) => n))
    gates.push(Promise.withResolvers())
    return gates.at(-1)?.promise ?? Promise.resolve()
  })
  for (const n of [1, 2, 3]) await writer.add({n})
  assert.equal(batches, [[1]])
  gates[0]?.resolve()
  const flushed = writer.flush()
  await new Promise(setImmediate)
  assert.equal(batches, [[1], [2, 3]])
  gates[1]?.resolve()
  await flushed
})

test('a receiver that takes its time holds the scan up', async () => {
  const gate = Promise.withResolvers<void>()
  const writer = new RecordWriter<object>(() => gate.promise)
  let added = 0
  const adding = (async () => {
    for (; added < 500; added++) await writer.add({})
  })()
  await new Promise(setImmediate)
  assert.ok(added < 150, `${added} were taken while none was stored`)
  gate.resolve()
  await adding
  await writer.flush()
})

test('large records leave in parts that fit a message', async () => {
  const sizes: number[] = []
  const gate = Promise.withResolvers<void>()
  const writer = new RecordWriter<{text: string}>(async records => {
    sizes.push(JSON.stringify(records).length)
    await gate.promise
  })
  for (let n = 0; n < 40; n++) await writer.add({text: 'x'.repeat(1_000_000)})
  gate.resolve()
  await writer.flush()
  assert.ok(Math.max(...sizes) < 4_000_000, String(Math.max(...sizes)))
  assert.ok(sizes.reduce((sum, size) => sum + size, 0) > 40_000_000, 'and none is lost')
})

test('a failure to store is told to whoever adds or flushes next', async () => {
  const writer = new RecordWriter<object>(() => Promise.reject(Object.assign(new Error('full'), {code: 'X'})))
  await writer.add({}).catch(() => {})
  assert.is((await failureOf(writer.flush())).message, 'full')
  assert.is((await failureOf(writer.add({}))).message, 'full')
})

test.run()
