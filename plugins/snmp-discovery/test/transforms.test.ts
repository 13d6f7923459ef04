import fc from 'fast-check'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import type {ConfigTransforms} from '../plugin.types.ts'
import {convertValue, decodeText, type Value} from '../transforms.ts'

const test = suite('transforms')
const octets = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes)
const convert = (value: string | number | Uint8Array, ...transforms: ConfigTransforms): Value =>
  convertValue({oid: '1.3', type: typeof value === 'number' ? 'Integer' : 'OctetString', value}, transforms)

test('octets become text: UTF-8, else Latin-1, else hexadecimal; padding falls away', () => {
  assert.is(convert(Buffer.from('Zürich')), 'Zürich')
  assert.is(convert(octets(0x5a, 0xfc, 0x72)), 'Zür')
  assert.is(convert(octets(1, 2, 0xff)), '0102ff')
  assert.is(convert(octets(0x41, 0, 0)), 'A')
})

test('nothing of a value is no claim', () => {
  assert.is(convert(octets()), undefined)
  assert.is(convert(octets(0, 0)), undefined)
  assert.is(convert('   ', 'trim'), undefined)
  assert.is(convert('n/a', 'number'), undefined)
  assert.is(convert('', 'number'), undefined, 'empty text is not zero')
})

test('transforms apply in their order', () => {
  assert.is(convert(' SN-42 ', 'trim', 'lower'), 'sn-42')
  assert.is(convert(Buffer.from('ab'), 'upper'), 'AB')
  assert.is(convert(' 21.5 ', 'trim', 'number', {scale: 10}), 215)
  assert.is(convert(3, {scale: 0.1}), 0.3)
  assert.is(convert(2, {map: {2: 'ac'}}, 'upper'), 'AC')
  assert.is(convert(9, {map: {2: 'ac'}}), 9, 'what the table does not know stays')
  assert.is(convert(0, {map: {0: 'off'}}), 'off')
  assert.is(convert('constructor', {map: {}}), 'constructor')
})

test('hardware addresses are read from bytes and from any way of writing them', () => {
  const expected = '00:1b:54:aa:00:01'
  for (const value of [octets(0, 0x1b, 0x54, 0xaa, 0, 1), '001B.54AA.0001', '00-1B-54-AA-00-01', '001b54aa0001'])
    assert.is(convert(value, 'mac'), expected)
  assert.is(convert(octets(0, 0, 0, 0, 0, 0), 'mac'), undefined)
  assert.is(convert(octets(1, 2, 3), 'mac'), undefined)
  assert.is(convert(Buffer.from('hello!'), 'mac'), '68:65:6c:6c:6f:21', 'six bytes are an address, whatever they spell')
})

test('addresses are read from bytes and text', () => {
  assert.is(convert(octets(10, 0, 0, 1), 'ip'), '10.0.0.1')
  assert.is(convert('10.0.0.1', 'ip'), '10.0.0.1')
  assert.is(
    convert(
      Uint8Array.from({length: 16}, (_, index) => (index === 15 ? 1 : 0)),
      'ip',
    ),
    '::1',
  )
  assert.is(convert('not one', 'ip'), undefined)
})

test('DateAndTime becomes ISO 8601, in UTC where the device tells its zone', () => {
  assert.is(convert(octets(7, 0xe8, 2, 29, 13, 30, 15, 0), 'dateAndTime'), '2024-02-29T13:30:15')
  assert.is(convert(octets(7, 0xe8, 2, 29, 13, 30, 15, 0, 0x2b, 2, 0), 'dateAndTime'), '2024-02-29T11:30:15Z')
  assert.is(convert(octets(7, 0xe8, 2, 29, 13, 30, 15, 0, 0x2d, 5, 30), 'dateAndTime'), '2024-02-29T19:00:15Z')
  assert.is(convert(octets(0, 0, 0, 0, 0, 0, 0, 0), 'dateAndTime'), undefined)
  assert.is(convert('yesterday', 'dateAndTime'), undefined)
})

test('a 64-bit counter is a number while that is exact, and digits beyond', () => {
  const counter = (hex: string): Value => convertValue({oid: '1.3', type: 'Counter64', value: Buffer.from(hex, 'hex')})
  assert.is(counter('0100'), 256)
  assert.is(counter('1fffffffffffff'), Number.MAX_SAFE_INTEGER)
  assert.is(counter('00ffffffffffffffff'), '18446744073709551615')
  assert.is(counter(''), 0)
})

test('any bytes under any transforms give a text, a number or nothing, and text that has no control characters', () => {
  const transform = fc.oneof(
    fc.constantFrom<ConfigTransforms[number]>(
      'trim',
      'lower',
      'upper',
      'text',
      'hex',
      'mac',
      'ip',
      'number',
      'dateAndTime',
    ),
    fc.record({scale: fc.double()}),
    fc.record({map: fc.dictionary(fc.string(), fc.string())}),
  )
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 40}), fc.array(transform, {maxLength: 4}), (bytes, transforms) => {
      const value = convert(bytes, ...transforms)
      assert.ok(value === undefined || typeof value === 'string' || Number.isFinite(value), String(value))
    }),
    {numRuns: 500},
  )
  fc.assert(fc.property(fc.uint8Array(), bytes => assert.not.match(decodeText(bytes), /[^\P{Cc}\t\n\r]/u)))
})

test.run()
