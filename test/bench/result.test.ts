import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {renderTable} from './render-table.ts'
import {judge} from './result.ts'
import {measureInRounds} from './rounds.ts'

const test = suite('bench results')

test('a ratio is the median of the rounds, so that one slow round does not decide', () => {
  const own = {name: 'own', values: [20, 200, 22]}
  const against = {name: 'other', values: [10, 100, 1]}
  const result = judge({id: 'x', unit: 'ms', own, against, bar: {atMost: 2}})
  assert.equal(result, {id: 'x', value: 22, unit: 'ms', against: 'other', ratio: 2, bar: '<= 2', met: true})
  assert.is(judge({id: 'x', unit: 'ms', own, against, bar: {atMost: 1.99}}).met, false)
  assert.is(judge({id: 'x', unit: 'calls/s', own, against, bar: {atLeast: 2}}).met, true)
  assert.is(judge({id: 'x', unit: 'calls/s', own, against, bar: {atLeast: 2.01}}).met, false)
  assert.is(judge({id: 'x', unit: 'calls', own: {name: 'own', values: [1]}, bar: {atMost: 0}}).met, false)
})

test('rounds go from one subject to the next, and those for warming up do not count', async () => {
  const order: string[] = []
  const measure = (name: string) => async () => order.push(name)
  const series = await measureInRounds({rounds: 2}, {a: measure('a'), b: measure('b')})
  assert.equal(order, ['a', 'b', 'a', 'b', 'a', 'b'])
  assert.equal(
    [series.a.values, series.b.values],
    [
      [3, 5],
      [4, 6],
    ],
  )
})

test('a missed bar stands out in the table', () => {
  const own = {name: 'own', values: [1]}
  const table = renderTable([judge({id: 'x', unit: 'calls', own, bar: {atMost: 0}})])
  assert.match(table, /\| x +\| 1\.0 calls \| +\| +\| <= 0 \| NO +\|/)
})

test.run()
