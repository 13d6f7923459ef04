import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {METHODS} from '../../runtime/protocol.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {executeParams, withLauncher} from '../support/fixture-process.ts'

const test = suite('what a plugin prints')

test('is in its log and never breaks a call, however it is printed, before, between and during 1,000 calls', () =>
  deadline(
    60_000,
    withLauncher({}, async ({launch, logs}) => {
      const plugin = await launch('prints', {permissions: {exec: true}})
      const numbers = Array.from({length: 1000}, (_, n) => n)
      let next = 0
      const answers: unknown[] = []
      const work = async (): Promise<void> => {
        for (let n = next++; n < numbers.length; n = next++)
          answers[n] = await plugin.call(METHODS.execute, executeParams('echo', {n}))
      }
      await Promise.all(Array.from({length: 8}, work))
      assert.equal(
        answers.map(answer => (answer as {output: {n: number}}).output.n),
        numbers,
      )

      const words = ['at load', ...numbers.flatMap(n => [`during ${n}`, `between ${n}`])]
      const expected = words.flatMap(word => [`console ${word}`, `stdout ${word}`, `fd ${word}`])
      const grandchildren = numbers.filter(n => n % 100 === 0).map(n => `grandchild ${n}`)
      const all = [...expected, ...grandchildren]
      await eventually(5000, () => logs.length >= all.length, 'every print in the log')
      assert.equal(new Set(logs.map(line => line.message)), new Set(all))
      assert.ok(logs.every(line => line.source === 'stderr'))
    }),
  ))

test('is a line of any length, cut at 64 KiB with a mark', () =>
  deadline(
    20_000,
    withLauncher({}, async ({launch, logs}) => {
      const plugin = await launch('floods')
      await plugin.call(METHODS.execute, executeParams('endless'))
      await plugin.stop()
      const [line] = logs
      assert.match(line?.message ?? '', /^y{65536} \[cut: 983040 bytes more\]$/)
    }),
  ))

test.run()
