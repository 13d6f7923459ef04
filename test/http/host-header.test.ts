import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {isLoopback, matchHostHeader} from '../../host/http/host-header.ts'

const test = suite('host-header')

const OURS = ['localhost', 'LOCALHOST:1', '127.0.0.1', '127.0.0.1:5050', '[::1]', '[::1]:5050']
const FOREIGN = [
  'evil.example',
  'localhost.evil.example',
  '127.0.0.1.nip.io',
  'localhost:x',
  'localhost:1:2',
  '::1',
  '',
  '10.0.0.1',
]

test('bound to loopback, the names of loopback pass with any port', () => {
  const match = matchHostHeader('127.0.0.1')
  assert.equal(
    OURS.filter(name => !match(name)),
    [],
  )
})

test('bound to loopback, every other name is refused, also after a good one', () => {
  const match = matchHostHeader('127.0.0.1')
  match('localhost')
  assert.equal(
    FOREIGN.filter(name => match(name)),
    [],
  )
  assert.not.ok(match(undefined))
})

test('the address it is bound to passes too', () => {
  assert.ok(matchHostHeader('127.0.0.9')('127.0.0.9:80'))
  assert.not.ok(matchHostHeader('127.0.0.1')('127.0.0.9:80'))
})

test('bound to a reachable address, its names are not ours to know', () => {
  assert.ok(matchHostHeader('0.0.0.0')('plugins.example'))
})

test('loopback is told from what only looks like it', () => {
  const looks = ['localhost', '::1', '127.0.0.1', '127.9.9.9', '0.0.0.0', '::', '127.0.0.1.example', '128.0.0.1']
  assert.equal(looks.filter(isLoopback), ['localhost', '::1', '127.0.0.1', '127.9.9.9'])
})

test.run()
