import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {countRefusedTokens} from '../../host/http/refused-tokens.ts'

const test = suite('refused-tokens')

test('an address is over the limit after its refusals of one minute, until the minute ends', () => {
  const refused = countRefusedTokens(3)
  assert.equal(
    [0, 1, 2].map(now => refused.record('a', now)),
    [0, 0, 0],
  )
  assert.is(refused.record('a', 10_000), 50_000)
  assert.is(refused.record('a', 59_999), 1)
  assert.is(refused.record('a', 60_000), 0)
})

test('addresses do not count for each other', () => {
  const refused = countRefusedTokens(1)
  refused.record('a', 0)
  assert.ok(refused.record('a', 1) > 0)
  assert.is(refused.record('b', 1), 0)
})

test('the memory is bounded: the oldest address makes room', () => {
  const refused = countRefusedTokens(1, 100)
  for (let index = 0; index < 1000; index += 1) refused.record(`a${index}`, index)
  assert.is(refused.size, 100)
  assert.ok(refused.record('a999', 1000) > 0)
  assert.is(refused.record('a0', 1000), 0)
})

test('windows that have ended are forgotten', () => {
  const refused = countRefusedTokens(1)
  for (let index = 0; index < 50; index += 1) refused.record(`a${index}`, 0)
  refused.record('late', 60_000)
  assert.is(refused.size, 1)
})

test.run()
