import fc from 'fast-check'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {MAX_TARGETS, parseHost, parseTargets} from '../targets.ts'

const test = suite('targets')
const list = (targets: string | string[], exclude?: string | string[]): string[] =>
  [...parseTargets(targets, {exclude, port: 161})].map(({host, port}) => (port === 161 ? host : `${host} ${port}`))

test('a range, a short range, a list and a name are told apart', () => {
  assert.equal(list('10.0.0.1-10.0.0.3'), ['10.0.0.1', '10.0.0.2', '10.0.0.3'])
  assert.equal(list('10.0.0.254-255, core-1.example.com'), ['core-1.example.com', '10.0.0.254', '10.0.0.255'])
  assert.equal(list(['10.0.0.9', 'a-b']), ['a-b', '10.0.0.9'])
  assert.equal(list('fd00::1-fd00::3'), ['fd00::1', 'fd00::2', 'fd00::3'])
})

test('a network leaves out its own and its broadcast address, but not when it has only two or is IPv6', () => {
  assert.equal(list('10.0.0.5/30'), ['10.0.0.5', '10.0.0.6'])
  assert.equal(list('10.0.0.0/31'), ['10.0.0.0', '10.0.0.1'])
  assert.equal(list('10.0.0.7/32'), ['10.0.0.7'])
  assert.equal(list('fd00::/126').length, 4)
  assert.is(parseTargets('10.0.0.0/16', {port: 161}).total, 65_534)
})

test('ports go with any kind of target', () => {
  assert.equal(list('sw:1161 10.0.0.1:162; [fd00::1]:163 10.0.0.8-9:164 [fd00::/127]:165'), [
    'sw 1161',
    '10.0.0.1 162',
    '10.0.0.8 164',
    '10.0.0.9 164',
    'fd00::1 163',
    'fd00:: 165',
    'fd00::1 165',
  ])
})

test('what is named twice is asked once, but on each port', () => {
  assert.equal(list('10.0.0.1-3 10.0.0.2/31 ::ffff:10.0.0.1 SW sw 10.0.0.1:99'), [
    'sw',
    '10.0.0.1 99',
    '10.0.0.1',
    '10.0.0.2',
    '10.0.0.3',
  ])
})

test('exclusions take away ranges, networks and names, on every port', () => {
  assert.equal(list('10.0.0.1-6 10.0.0.2:99 sw', ['10.0.0.2-3', '10.0.0.5', 'sw']), [
    '10.0.0.1',
    '10.0.0.4',
    '10.0.0.6',
  ])
  const plan = parseTargets('sw 10.0.0.4', {exclude: '10.0.0.9', port: 161})
  assert.not(plan.accepts('10.0.0.9', 161), 'a name must not lead to an excluded address')
  assert.not(plan.accepts('10.0.0.4', 161), 'a name must not ask an address twice')
  assert.ok(plan.accepts('10.0.0.4', 162))
})

test('what is no address, no name and no range is refused with its text', () => {
  for (const text of [
    '10.0.0.300',
    '10.0.0.1-300',
    '10.0.0.9-3',
    '10.0.0.1-fd00::1',
    '1.2.3',
    '0x0a000001',
    '10.0.0.0/33',
  ]) {
    assert.throws(
      () => list(text),
      (error: Error & {category: string; field: string}) =>
        error.message.includes(text) && error.category === 'input' && error.field === '/targets',
      text,
    )
  }
  for (const text of ['', ' , ', 'a:0', 'a:70000', 'http://x/', '-', 'a..b', '[::1', 'x\0y'])
    assert.throws(() => list(text), text)
  assert.throws(() => list('sw', '10.0.0.1:161'), /names a port/)
  assert.throws(() => parseHost('10.0.0.1-2', {port: 161, field: '/host'}), /more than one/)
})

test('too many addresses are refused before any is listed', () => {
  assert.throws(() => list('10.0.0.0/8'), /16777214 addresses/)
  assert.throws(() => list('fd00::/64'), /18446744073709551616 addresses/)
  assert.is(parseTargets(['10.0.0.0/8'], {exclude: '10.0.0.0-10.254.255.255', port: 161}).total, 65_535)
  assert.ok(parseTargets('10.0.0.1-10.1.0.0', {port: 161}).total <= MAX_TARGETS)
})

test('any ranges and exclusions list just the addresses that a set of them would hold, and count them right', () => {
  const range = fc.tuple(fc.nat(255), fc.nat(40)).map(([start, size]) => [start, Math.min(255, start + size)] as const)
  const octets = (ranges: (readonly [number, number])[]): number[] =>
    ranges.flatMap(([start, end]) => Array.from({length: end - start + 1}, (_, index) => start + index))
  fc.assert(
    fc.property(fc.array(range, {minLength: 1, maxLength: 12}), fc.array(range, {maxLength: 6}), (wanted, unwanted) => {
      const out = new Set(octets(unwanted))
      const expected = new Set(octets(wanted).filter(octet => !out.has(octet)))
      const write = (ranges: (readonly [number, number])[]): string[] =>
        ranges.map(([start, end]) => `192.0.2.${start}-${end}`)
      const plan = parseTargets(write(wanted), {exclude: write(unwanted), port: 161})
      const found = [...plan].map(target => Number(target.host.split('.')[3]))
      assert.is(plan.total, expected.size)
      assert.equal(
        found,
        [...expected].sort((a, b) => a - b),
      )
    }),
  )
})

test('no text makes it hang, or throw anything but a refusal of the input', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({maxLength: 200}), fc.string({unit: fc.constantFrom(...'0123456789.:/-[], a%')})),
      text => {
        try {
          parseTargets(text, {port: 161})
        } catch (error) {
          assert.is((error as {category?: string}).category, 'input', String(error))
        }
      },
    ),
    {numRuns: 2000},
  )
})

test.run()
