import {suite} from 'uvu'
import {equal, is, match, not} from 'uvu/assert'
import {createIdSource} from '../../host/execution/create-id.ts'

const test = suite('create-id')

test('ids sort in the order they were made, also within a millisecond and when the clock is set back', () => {
  const times = [1000, 1000, 1000, 2000, 1500, 2001, 1_900_000_000_000]
  const next = createIdSource(() => times.shift() ?? 1_900_000_000_000)
  const ids = Array.from({length: 5000}, next)
  equal([...ids].sort(), ids)
  is(new Set(ids).size, ids.length)
  for (const id of ids) match(id, /^[0-9a-z]{21}$/)
})

test('two servers make different ids at the same time', () => {
  not.equal(createIdSource(() => 5)(), createIdSource(() => 5)())
})

test.run()
