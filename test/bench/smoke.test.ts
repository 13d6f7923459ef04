import {execFile} from 'node:child_process'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline} from '../support/deadline.ts'
import {ROOT} from '../support/fixture-process.ts'
import {withTempFolder} from '../support/temp.ts'
import type {Result} from './result.ts'
import {compareRounds, findMedian} from './statistics.ts'

const test = suite('the bench')

/** The results whose bars the product is held to. */
const HELD = [
  'calls.150B.one.rawPipe',
  'calls.150B.flow.rawPipe',
  'calls.150B.flow.stockJsonRpc',
  'calls.64KiB.one.stockJsonRpc',
  'calls.64KiB.flow.stockJsonRpc',
  'start.bareNode',
  'http.fastifyStockJsonRpc',
  'async.fsyncsPerExecution',
  'swap.failed',
  'memory.resident.bareNode',
]

/** Of them, those that are held to a figure, and to nothing else. */
const ABSOLUTE = ['async.fsyncsPerExecution', 'swap.failed']

test('measures every part and writes figures for each; what they are is not judged here', () =>
  withTempFolder(folder =>
    deadline(120_000, async () => {
      const file = join(folder, 'bench.json')
      const {stdout} = await promisify(execFile)(
        process.execPath,
        [join(ROOT, 'test/bench/main.ts'), '--quick', '--json', file],
        {cwd: ROOT},
      )
      const {results} = JSON.parse(await readFile(file, 'utf8')) as {results: Result[]}
      assert.ok(results.every(({value}) => Number.isFinite(value)))
      for (const id of HELD) {
        const found = results.find(result => result.id === id)
        assert.ok(found, id)
        assert.type(found.met, 'boolean', id)
        assert.ok(found.ratio === null ? ABSOLUTE.includes(id) : Number.isFinite(found.ratio), id)
        assert.ok(stdout.includes(`| ${id} `), id)
      }
      assert.is(results.find(({id}) => id === 'swap.failed')?.value, 0)
    }),
  ))

test('compares round by round, and takes medians', () => {
  assert.is(findMedian([5, 1, 9]), 5)
  assert.is(compareRounds([10, 40, 30], [10, 10, 10]), 3)
})

test.run()
