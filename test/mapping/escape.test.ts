import {validateHeaderValue} from 'node:http'
import {DN} from '@ldapjs/dn'
import {parse as parseCsv} from 'csv-parse/sync'
import fc from 'fast-check'
import {AndFilter, EqualityFilter, FilterParser} from 'ldapts'
import {parseFragment} from 'parse5'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import type {JsonSchema} from '../../host/manifest.ts'
import type {MappingRow} from '../../host/types.ts'
import {mapOne, takeX} from './map-record.ts'

const test = suite('escaping')

/** Texts made of whatever has a meaning somewhere. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...'\\,+"<>;=#*()&|!/?%.\'`@-:{}[] \t\r\n\0é€😀',
        '..',
        '</b>',
        '${',
        '{#Subject}',
        '{#secret.auth.password}',
      ),
      fc.string({unit: 'grapheme', maxLength: 3}),
    ),
    {minLength: 1, maxLength: 8},
  )
  .map(pieces => pieces.join(''))
  .filter(text => text !== '')

const textOf = (context: string): JsonSchema => ({type: 'string', 'x-fp-context': context})

function fill(context: string, template: string, subject: string, row: Partial<MappingRow> = {}): string {
  return String(takeX(template, {subject, x: textOf(context), row: {missing: 'empty', ...row}}))
}

/** Holds for values that are put in by the context, and not for values that are put in raw. */
function checkBothWays(context: string, template: string, examine: (made: string, value: string) => void): void {
  fc.assert(
    fc.property(hostile, value => examine(fill(context, template, value), value)),
    {numRuns: 500},
  )
  const raw = template.replaceAll('{#Subject}', '{#Subject|raw}')
  assert.throws(
    () =>
      fc.assert(
        fc.property(hostile, value => examine(fill(context, raw, value, {allowRaw: true}), value)),
        {numRuns: 500},
      ),
    undefined,
    `${context} would pass without escaping`,
  )
}

test('ldap-dn: a DN parser finds the value, and no more parts than the template has', () => {
  checkBothWays('ldap-dn', 'CN={#Subject},OU=People,DC=x', (made, value) => {
    const dn = DN.fromString(made)
    assert.is(dn.length, 3)
    assert.is(dn.rdnAt(0).size, 1)
    // This parser drops spaces at the ends even where they are escaped.
    assert.is(dn.rdnAt(0).getValue('CN').trim(), value.trim())
  })
})

test('ldap-dn and ldap-rdn: as RFC 4514 writes them', () => {
  const rows: [value: string, escaped: string][] = [
    ['Berg, Ann', 'Berg\\, Ann'],
    [' a ', '\\20a\\20'],
    ['#1', '\\#1'],
    ['a#1', 'a#1'],
    ['A+B=C', 'A\\2bB\\=C'],
    ['"x"\\<y>;', '\\"x\\"\\\\\\<y\\>\\;'],
    ['x\r\n\0', 'x\\0d\\0a\\00'],
    ['Ł é', 'Ł é'],
  ]
  for (const [value, escaped] of rows) {
    assert.is(fill('ldap-rdn', '{#Subject}', value), escaped)
    assert.is(fill('ldap-dn', '{#Subject}', value), escaped)
  }
})

test('ldap-filter: a filter parser finds the value in its place', () => {
  checkBothWays('ldap-filter', '(&(objectClass=user)(cn={#Subject}))', (made, value) => {
    const filter = FilterParser.parseString(made)
    assert.instance(filter, AndFilter)
    const [, name] = (filter as AndFilter).filters
    assert.instance(name, EqualityFilter)
    assert.equal([(name as EqualityFilter).attribute, (name as EqualityFilter).value], ['cn', value])
  })
})

test('url: a URL parser finds the value as one segment and as one parameter', () => {
  const isDots = (value: string): boolean => value === '.' || value === '..'
  fc.assert(
    fc.property(hostile, value => {
      fc.pre(!isDots(value))
      const url = new URL(fill('url', 'https://x.test/a/{#Subject}/b?q={#Subject}&r=1', value))
      assert.is(url.origin, 'https://x.test')
      const [, first, segment = '', last] = url.pathname.split('/')
      assert.equal([first, last], ['a', 'b'])
      assert.is(decodeURIComponent(segment), value.toWellFormed())
      assert.equal(
        [...url.searchParams],
        [
          ['q', value.toWellFormed()],
          ['r', '1'],
        ],
      )
    }),
  )
  for (const value of ['.', '..']) {
    const x = textOf('url')
    assert.match(
      mapOne('https://x.test/a/{#Subject}/b', {subject: value, x}).problems[0]?.message ?? '',
      /leads elsewhere/,
    )
    assert.is(takeX('https://x.test/?q={#Subject}', {subject: value, x}), `https://x.test/?q=${value}`)
  }
})

test('header: what goes in is taken by Node, and nothing can end the header', () => {
  const x = textOf('header')
  let refused = 0
  for (const template of ['Bearer {#Subject}', 'Bearer {#Subject|raw}']) {
    fc.assert(
      fc.property(hostile, value => {
        const {input, problems} = mapOne(template, {subject: value, x, row: {allowRaw: true}})
        if (problems.length > 0) {
          refused++
          assert.throws(() => validateHeaderValue('x', `Bearer ${value}`))
        } else {
          validateHeaderValue('x', String(input.x))
          assert.is(input.x, `Bearer ${value}`)
        }
      }),
      {numRuns: 500},
    )
  }
  assert.ok(refused > 0)
  const {problems} = mapOne('{#Subject}', {subject: 'a\r\nSet-Cookie: b', x})
  assert.match(problems[0]?.message ?? '', /cannot hold a line break/)
  assert.match(mapOne('a\nb', {x: textOf('header')}).faults[0]?.message ?? '', /cannot hold a line break/)
})

test('csv: a CSV parser finds every value in its cell, and a spreadsheet no formula', () => {
  const isFormula = (cell: string): boolean => /^[=+\-@\t\r]/.test(cell) && !/^[+-]\d+(\.\d+)?$/.test(cell)
  const read = (made: string): string[][] =>
    parseCsv(made, {delimiter: ';', relax_column_count: true, record_delimiter: '\n'})
  checkBothWays('csv', '1;{#Subject};"Mr {#Subject}";"{#Subject}{#Subject}";{#Subject}', (made, value) => {
    const guarded = isFormula(value) ? `'${value}` : value
    const [row, ...others] = read(made)
    assert.equal(others, [])
    // The parser cuts a line break of Windows in quotes down; nothing else is changed.
    assert.equal(row, ['1', guarded, `Mr ${value}`, `${guarded}${value}`, guarded])
    for (const cell of row ?? []) assert.not.ok(isFormula(cell))
  })
})

test('csv: an empty value before does not hide a formula', () => {
  const fillTwo = (name: string, subject: string): string =>
    String(
      takeX('"{#Name}{#Subject}"', {record: {subject, requester: {name}}, x: textOf('csv'), row: {missing: 'empty'}}),
    )
  assert.is(fillTwo('', '=1'), `"'=1"`)
  assert.is(fillTwo('a', '=1'), '"a=1"')
})

test('csv: a part of a cell outside quotes is refused before there is a value', () => {
  for (const template of ['a,Mr {#Subject}', '{#Subject}{#Name}', '{#Subject} ,b']) {
    assert.is(mapOne(template, {x: textOf('csv')}).faults[0]?.code, 'CSV_PART', template)
  }
  assert.equal(mapOne('"Mr {#Subject}",{#Name}', {x: textOf('csv')}).faults, [])
})

test('html: a parser finds the value as text and as an attribute', () => {
  // Parsers of HTML take NUL away and read every line break as one character.
  const clean = (text: string): string => text.toWellFormed().replaceAll('\0', '').replaceAll(/\r\n?/g, '\n')
  checkBothWays('html', '<b title="{#Subject}">x{#Subject}</b>', (made, value) => {
    const {childNodes} = parseFragment(made)
    assert.is(childNodes.length, 1)
    const [bold] = childNodes
    if (!bold || !('attrs' in bold)) throw new Error('no element')
    assert.is(bold.nodeName, 'b')
    assert.equal(
      bold.attrs.map(({name}) => name),
      ['title'],
    )
    assert.is(bold.attrs[0]?.value.replaceAll('\0', '').replaceAll('\uFFFD', ''), clean(value).replaceAll('\uFFFD', ''))
    const [text] = bold.childNodes
    assert.is(bold.childNodes.length, 1)
    assert.is(text && 'value' in text ? text.value : undefined, `x${clean(value)}`)
  })
})

test('json: within quotes and outside, a JSON parser finds the value', () => {
  checkBothWays('json', '{"a": "Mr {#Subject}", "b": {#Subject}, "c": 1}', (made, value) => {
    assert.equal(JSON.parse(made), {a: `Mr ${value.toWellFormed()}`, b: value.toWellFormed(), c: 1})
  })
})

test('json: also where the parameter does not say so, but the template is JSON', () => {
  const x = {type: ['string', 'object']}
  const made = takeX('{"a": "{#Subject}", "n": {#Count}, "t": {#Tags}}', {
    x,
    record: {subject: '","admin":true,"b":"', count: 4, tags: ['x']},
  })
  assert.equal(JSON.parse(String(made)), {a: '","admin":true,"b":"', n: 4, t: ['x']})
  assert.equal(takeX('{"a": "{#Subject}"}', {x: {type: 'object'}, subject: '"}'}), {a: '"}'})
  assert.is(takeX('{a "{#Subject}"', {x, subject: '"'}), '{a """')
})

test('sms: control characters are taken out, line breaks stay', () => {
  assert.is(fill('sms', 'Hi {#Subject}', 'a\r\nb\u0000\u001bc\u0301'), 'Hi a\nbć')
})

test.run()
