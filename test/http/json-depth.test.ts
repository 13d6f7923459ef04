import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {isDeep} from '../../host/http/json-depth.ts'

const test = suite('json-depth')

const deep = (text: string, max?: number): boolean => isDeep(Buffer.from(text), max)

test('64 levels pass and 65 do not, of lists, objects and both', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
    ['[{"a":', '}]'],
  ] as const) {
    const levels = open.startsWith('[{') ? 2 : 1
    assert.not.ok(deep(`${open.repeat(64 / levels)}1${close.repeat(64 / levels)}`))
    assert.ok(deep(`[${open.repeat(64 / levels)}1${close.repeat(64 / levels)}]`))
  }
})

test('brackets inside text do not count, whatever is escaped there', () => {
  assert.not.ok(deep(JSON.stringify({a: '['.repeat(1000), b: `"\\${'{'.repeat(1000)}`, c: '\\'})))
  assert.ok(deep(`["\\"", ${'['.repeat(64)}`))
})

test('width is not depth', () => {
  assert.not.ok(deep(JSON.stringify(Array.from({length: 10_000}, () => [{}]))))
})

test('a million brackets are seen through at the limit', () => {
  assert.ok(deep('['.repeat(1_000_000)))
})

test.run()
