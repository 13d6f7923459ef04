import {suite} from 'uvu'
import {is} from 'uvu/assert'
import {prefersAsync} from '../../host/http/prefer.ts'

const test = suite('the Prefer header')

test('an asynchronous answer is preferred in any case, alone, among others and with parameters', () => {
  for (const header of [
    'respond-async',
    'Respond-Async',
    ' respond-async ',
    'wait=10, respond-async',
    'respond-async, wait=10',
    'respond-async; a=b',
    'respond-async=""',
  ]) {
    is(prefersAsync(header), true, header)
  }
})

test('nothing else is that preference', () => {
  for (const header of [
    undefined,
    '',
    'wait=10',
    'respond',
    'respond-asynchronously',
    'x=respond-async',
    'wait;respond-async',
  ]) {
    is(prefersAsync(header), false, header)
  }
})

test.run()
