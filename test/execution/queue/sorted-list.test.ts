import fc from 'fast-check'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {SortedList} from '../../../host/execution/queue/sorted-list.ts'

const test = suite('sorted list')

interface Item {
  rank: number
  number: number
}

function drain(list: SortedList<Item>): Item[] {
  const items: Item[] = []
  for (let item = list.first; item; item = list.first) {
    items.push(item)
    list.shift()
  }
  return items
}

test('gives its items in order, equal ones as they came, whenever they are taken', () => {
  const step = fc.oneof(fc.integer({min: 0, max: 20}), fc.constant('take' as const))
  fc.assert(
    fc.property(fc.array(step, {maxLength: 300}), steps => {
      const list = new SortedList<Item>((one, other) => one.rank - other.rank)
      const model: Item[] = []
      for (const [number, each] of steps.entries()) {
        if (each === 'take') {
          assert.equal(list.first, model[0])
          list.shift()
          model.shift()
          continue
        }
        const item = {rank: each, number}
        list.add(item)
        model.push(item)
        model.sort((one, other) => one.rank - other.rank || one.number - other.number)
        assert.is(list.size, model.length)
      }
      assert.equal(drain(list), model)
    }),
  )
})

test('a long one is taken from and added to at the same time', () => {
  const list = new SortedList<Item>((one, other) => one.rank - other.rank)
  const taken: number[] = []
  for (let number = 0; number < 10_000; number++) {
    list.add({rank: number, number})
    if (number % 3 === 0) continue
    taken.push(list.first?.number ?? -1)
    list.shift()
  }
  taken.push(...drain(list).map(({number}) => number))
  assert.equal(
    taken,
    Array.from({length: 10_000}, (_, number) => number),
  )
  assert.is(list.size, 0)
  list.shift()
  assert.is(list.first, undefined)
})

test.run()
