import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {createTokenSource} from '../../oauth/token-source.ts'
import {failureOf} from '../call.ts'

const test = suite('token-source')

function source(lifetimeMs: number) {
  const state = {now: 0, issued: 0, fail: false}
  const tokens = createTokenSource(
    async () => {
      if (state.fail) throw new Error('down')
      return {token: `t${++state.issued}`, lifetimeMs}
    },
    () => state.now,
  )
  return {state, tokens}
}

test('A token is kept until shortly before it expires', async () => {
  const {state, tokens} = source(3_600_000)
  assert.is(await tokens.get(), 't1')
  state.now = 3_569_999
  assert.is(await tokens.get(), 't1')
  state.now = 3_570_000
  assert.is(await tokens.get(), 't2')
})

test('A token that lives a minute is not given up at once', async () => {
  const {state, tokens} = source(60_000)
  await tokens.get()
  state.now = 53_999
  assert.is(await tokens.get(), 't1')
  state.now = 54_000
  assert.is(await tokens.get(), 't2')
})

test('Callers at the same time share one request', async () => {
  const {tokens} = source(60_000)
  assert.equal(await Promise.all([tokens.get(), tokens.get(), tokens.get()]), ['t1', 't1', 't1'])
})

test('A refused token is asked for anew once, however many calls report it', async () => {
  const {tokens} = source(60_000)
  const first = await tokens.get()
  tokens.drop(first)
  assert.is(await tokens.get(), 't2')
  tokens.drop(first)
  assert.is(await tokens.get(), 't2')
})

test('A failure is not kept', async () => {
  const {state, tokens} = source(60_000)
  state.fail = true
  assert.is((await failureOf(tokens.get())).message, 'down')
  state.fail = false
  assert.is(await tokens.get(), 't1')
})

test.run()
