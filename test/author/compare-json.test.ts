import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {compareJson} from '../../host/author/compare-json.ts'

const test = suite('compare-json')

test('equal values have no difference, whatever the order of their keys', () => {
  assert.equal(compareJson({a: 1, b: [null, {c: ''}]}, {b: [null, {c: ''}], a: 1}), [])
})

test('each place is a JSON pointer, as deep as the values go side by side', () => {
  const before = {same: 1, list: [1, 2], 'a/b~': 'x', shape: {deep: true}, gone: null}
  const now = {same: 1, list: [1, 3, 4], 'a/b~': 'y', shape: [true], come: false}
  assert.equal(compareJson(before, now, '/result'), [
    {pointer: '/result/list/1', before: 2, now: 3},
    {pointer: '/result/list/2', now: 4},
    {pointer: '/result/a~1b~0', before: 'x', now: 'y'},
    {pointer: '/result/shape', before: {deep: true}, now: [true]},
    {pointer: '/result/gone', before: null},
    {pointer: '/result/come', now: false},
  ])
})

test('values that are not of one kind differ as a whole', () => {
  assert.equal(compareJson(0, '0'), [{pointer: '', before: 0, now: '0'}])
  assert.equal(compareJson(null, {}), [{pointer: '', before: null, now: {}}])
  assert.equal(compareJson(undefined, {a: 1}), [{pointer: '', now: {a: 1}}])
})

test.run()
