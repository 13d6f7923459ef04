import type {PluginError} from 'plugin-host/sdk'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {collectHeaders, type Headers} from '../../request/collect-headers.ts'

const test = suite('collect-headers')

test('A later header replaces an earlier one whatever its case', () => {
  const headers: Headers = new Map()
  collectHeaders(headers, {'X-Team': 'a', Accept: '*/*'}, '/config/headers')
  collectHeaders(headers, {'x-team': 'b'}, '/input/headers')
  assert.equal(
    [...headers.values()],
    [
      {name: 'x-team', value: 'b'},
      {name: 'Accept', value: '*/*'},
    ],
  )
})

test('Line breaks, zero bytes and names that are no tokens are refused and never echoed raw', () => {
  const hostile: [string, string][] = [
    ['X-A', 'a\r\nX-Evil: 1'],
    ['X-A', 'a\nb'],
    ['X-A', 'a\rb'],
    ['X-A', 'a\0b'],
    ['X-A', 'emoji 😀'],
    ['X-A\r\nX-Evil', '1'],
    ['X A', '1'],
    ['X-A:', '1'],
    ['', '1'],
    ['Ü', '1'],
  ]
  for (const [name, value] of hostile) {
    try {
      collectHeaders(new Map(), {[name]: value}, '/input/headers')
    } catch (error) {
      const {category, message, field} = error as PluginError
      assert.is(category, 'input')
      assert.is(field, `/input/headers/${name}`)
      assert.not.match(message, /[\r\n]/)
      assert.not.match(message, 'X-Evil: 1')
      continue
    }
    throw new Error(`Not refused: ${JSON.stringify([name, value])}`)
  }
})

test('Headers that belong to the connection are refused', () => {
  for (const name of [
    'Host',
    'content-length',
    'Transfer-Encoding',
    'CONNECTION',
    'Upgrade',
    'TE',
    'Trailer',
    'Proxy-Authorization',
    'Keep-Alive',
    'Expect',
  ]) {
    assert.throws(() => collectHeaders(new Map(), {[name]: 'x'}, '/input/headers'), /belongs to the connection/, name)
  }
  collectHeaders(new Map(), {'X-Host': 'x', Authorization: 'Custom x'}, '/input/headers')
})

test.run()
