import {PluginError} from 'plugin-host/sdk'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {decideRetry, type RetryFacts} from '../../answer/decide-retry.ts'
import {decodeText} from '../../answer/decode-text.ts'
import {explainStatus} from '../../answer/explain-status.ts'
import {isSuccess} from '../../answer/is-success.ts'
import {parseRetryAfter} from '../../answer/parse-retry-after.ts'

const test = suite('answer')
const NOW = Date.UTC(2026, 0, 31, 12)

test('Statuses are listed one by one or as ranges', () => {
  const success = ['200-204', '409']
  assert.equal(
    [199, 200, 204, 205, 409, 410].filter(status => isSuccess(status, success)),
    [200, 204, 409],
  )
})

test('Retry-After is read as seconds and as every form of an HTTP date, and nothing else', () => {
  assert.is(parseRetryAfter('120', NOW), 120_000)
  assert.is(parseRetryAfter(' 0 ', NOW), 0)
  assert.is(parseRetryAfter('Sat, 31 Jan 2026 12:00:30 GMT', NOW), 30_000)
  assert.is(parseRetryAfter('Saturday, 31-Jan-26 12:00:30 GMT', NOW), 30_000)
  assert.is(parseRetryAfter('Sat Jan 31 12:00:30 2026', NOW), 30_000)
  assert.is(parseRetryAfter('Sat, 31 Jan 2026 11:00:00 GMT', NOW), 0)
  for (const text of [
    undefined,
    '',
    'soon',
    '-5',
    '1.5',
    '2026-01-31T12:00:30Z',
    '99999999999',
    'Sat, 99 Foo 2026 12:00:30 GMT',
  ]) {
    assert.is(parseRetryAfter(text, NOW), undefined, text)
  }
})

const FACTS: RetryFacts = {
  attempt: 1,
  max: 2,
  baseMs: 500,
  capMs: 20_000,
  repeatable: true,
  sent: true,
  remainingMs: 60_000,
  random: 1,
}
const BUSY = new PluginError('busy', {category: 'unavailable'})

test('Waits double, vary by half and are capped', () => {
  const waits = [1, 2, 3, 9].map(attempt => decideRetry(BUSY, {...FACTS, attempt, max: 9}))
  assert.equal(waits, [500, 1000, 2000, 20_000])
  assert.is(decideRetry(BUSY, {...FACTS, random: 0}), 250)
})

test('Nothing is sent again after the last attempt, without time, or when the error is final', () => {
  assert.is(decideRetry(BUSY, {...FACTS, attempt: 3}), undefined)
  assert.is(decideRetry(BUSY, {...FACTS, remainingMs: 400}), undefined)
  assert.is(decideRetry(new PluginError('no', {category: 'business'}), FACTS), undefined)
})

test('What must not be done twice is repeated only when it was never sent', () => {
  assert.is(decideRetry(BUSY, {...FACTS, repeatable: false}), undefined)
  assert.is(decideRetry(BUSY, {...FACTS, repeatable: false, sent: false}), 500)
})

test('The other system’s wait is kept, and one longer than the cap is left to the host', () => {
  const limited = (retryAfterMs: number) => new PluginError('later', {category: 'rateLimit', retryAfterMs})
  assert.is(decideRetry(limited(3000), FACTS), 3000)
  assert.is(decideRetry(limited(30_000), FACTS), undefined)
})

test('Each status has its category, and only passing troubles are retryable', () => {
  const explain = (status: number, repeatable = true) => {
    const {category, retryable, retryAfterMs} = explainStatus({
      status,
      headers: {'retry-after': '7'},
      excerpt: '',
      repeatable,
      now: NOW,
    })
    return [category, retryable, retryAfterMs]
  }
  assert.equal(explain(401), ['auth', false, undefined])
  assert.equal(explain(403), ['auth', false, undefined])
  assert.equal(explain(429), ['rateLimit', true, 7000])
  assert.equal(explain(500), ['unavailable', true, 7000])
  assert.equal(explain(503, false), ['unavailable', true, 7000])
  assert.equal(explain(504), ['unavailable', true, 7000])
  assert.equal(explain(504, false), ['unknown', false, undefined])
  for (const status of [302, 400, 404, 422]) assert.equal(explain(status), ['business', false, undefined])
})

test('Text is decoded in the character set the answer names', () => {
  assert.is(decodeText(Buffer.from('Grüße', 'latin1'), 'text/plain; charset=ISO-8859-1'), 'Grüße')
  assert.is(decodeText(Buffer.from('Grüße'), 'text/plain'), 'Grüße')
  assert.is(decodeText(Buffer.from('Grüße'), 'text/plain; charset="no-such"'), 'Grüße')
})

test.run()
