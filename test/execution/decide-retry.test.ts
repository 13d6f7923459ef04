import {suite} from 'uvu'
import {is} from 'uvu/assert'
import {decideRetry, type FailedAttempt} from '../../host/execution/decide-retry.ts'
import type {ErrorCategory, WireError} from '../../runtime/protocol.ts'

const test = suite('decide-retry')

function decide(change: Partial<FailedAttempt> = {}, error: Partial<WireError> = {}): number | undefined {
  return decideRetry({
    attempt: 1,
    error: {code: 'X', category: 'network', message: 'x', retryable: true, ...error},
    repeatable: true,
    unsent: false,
    retry: undefined,
    retryMax: 2,
    now: 0,
    deadline: 60_000,
    random: 0.5,
    ...change,
  })
}

test('waits double from 250 ms, give or take a fifth', () => {
  is(decide(), 250)
  is(decide({attempt: 2}), 500)
  is(decide({random: 0}), 200)
  is(Math.round(decide({random: 1}) ?? 0), 300)
  is(decide({attempt: 3, retryMax: 9}), 1000)
})

test('there are as many attempts as the manifest says, else as the settings say', () => {
  is(decide({attempt: 3}), undefined)
  is(decide({attempt: 3, retry: {max: 3, baseMs: 10}}), 40)
  is(decide({attempt: 1, retry: {max: 0}}), undefined)
})

test('only what may be repeated, or was never sent, is tried again', () => {
  is(decide({repeatable: false}), undefined)
  is(decide({repeatable: false, unsent: true}), 250)
})

test('what the plugin calls hopeless is not tried again', () => {
  is(decide({}, {retryable: false}), undefined)
  is(decide({unsent: true}, {retryable: false}), undefined)
})

test('categories are those of the manifest, else network, rateLimit and unavailable', () => {
  const tried = (category: ErrorCategory, on?: ErrorCategory[]): boolean =>
    decide(on ? {retry: {on}} : {}, {category}) !== undefined
  for (const category of ['network', 'rateLimit', 'unavailable'] as const) is(tried(category), true)
  for (const category of ['config', 'auth', 'input', 'business', 'bug', 'unknown'] as const) is(tried(category), false)
  is(tried('business', ['business']), true)
  is(tried('network', ['business']), false)
})

test('a longer wait the other system asks for is kept, a shorter one does not hasten', () => {
  is(decide({}, {retryAfterMs: 5000}), 5000)
  is(decide({}, {retryAfterMs: 5}), 250)
})

test('no attempt begins at or after the deadline', () => {
  is(decide({deadline: 251}), 250)
  is(decide({deadline: 250}), undefined)
  is(decide({deadline: 9000}, {retryAfterMs: 9000}), undefined)
})

test.run()
