import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import type {ValueTable} from '../../host/types.ts'
import type {Json} from '../../runtime/protocol.ts'
import {mapOne, takeX} from './map-record.ts'

const test = suite('filters')

const tables: {[key: string]: ValueTable} = {
  team: {
    rows: [
      {from: 'Sales', to: 'S1'},
      {from: 4, to: ['x', 'y']},
    ],
  },
  passing: {rows: [{from: 'a', to: 'b'}], unmatched: 'pass'},
  otherwise: {
    rows: [
      {from: 'a', to: null},
      {from: null, to: 'nobody'},
    ],
    unmatched: {default: 'other'},
  },
}

test('each filter, on values of the kinds it takes', () => {
  const rows: [subject: Json, filters: string, result: Json | undefined][] = [
    [' a b ', 'trim', 'a b'],
    ['Straße', 'upper', 'STRASSE'],
    ['ÀB', 'lower', 'àb'],
    ["ann o'neill-BERG", 'title', "Ann O'neill-Berg"],
    ['abcdef', 'slice:2', 'cdef'],
    ['abcdef', 'slice:1,3', 'bc'],
    ['abcdef', 'slice:-2', 'ef'],
    ['a😀b', 'slice:0,2', 'a😀'],
    ['a.b.c', 'replace:.,-', 'a-b-c'],
    ['a.b', 'replace:".","$&"', 'a$&b'],
    ['a, b', 'split:","', ['a', ' b']],
    ['a,b', 'split:","|last', 'b'],
    ['a,b', 'split:","|count', 2],
    ['a,b,c', 'split:","|at:1', 'b'],
    ['a,b,c', 'split:","|at:-3', 'a'],
    ['a,b,c', 'split:","|at:7', undefined],
    ['b,a', 'split:","|upper|join:" + "', 'B + A'],
    ['12.50', 'number', 12.5],
    [' -3 ', 'number', -3],
    ['Yes', 'bool', true],
    ['off', 'bool', false],
    ['', 'default:none', 'none'],
    [null, 'default:"a|b"', 'a|b'],
    ['x', 'default:none', 'x'],
    [' ', 'trim|default:none', 'none'],
    ['sales ', 'map:team', 'S1'],
    [4, 'map:team', ['x', 'y']],
    ['z', 'map:passing', 'z'],
    ['q', 'map:otherwise', 'other'],
    ['', 'map:otherwise', 'nobody'],
    ['a', 'map:otherwise', undefined],
    [['a', 'z'], 'map:passing|join', 'b, z'],
    ['say "hi"\n', 'json', '"say \\"hi\\"\\n"'],
    [['a'], 'json', '["a"]'],
    ['a b/c', 'url', 'a%20b%2Fc'],
    ['<a & "b">', 'html', '&lt;a &amp; &quot;b&quot;&gt;'],
    ['Berg, Ann', 'dn', 'Berg\\, Ann'],
    ['a+b', 'rdn', 'a\\2bb'],
    ['a*(b)', 'ldapfilter', 'a\\2a\\28b\\29'],
    ['=1+1', 'csv', "'=1+1"],
    ['a;"b"', 'csv', '"a;""b"""'],
    ['-5', 'csv', '-5'],
    ['+49 (0)30 555-0101', 'phone:e164', '+49305550101'],
    ['0049 30 5550101', 'phone:e164', '+49305550101'],
    ['030 5550101', 'phone:e164,49', '+49305550101'],
    ['06 1234567', 'phone:e164,39', '+39061234567'],
    ['4111111111111111', 'mask:4', '******1111'],
    ['secret', 'mask', '******'],
    ['abc', 'mask:4', '******'],
    ['abc', 'sha256', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ]
  const x = {type: ['string', 'number', 'boolean', 'array', 'null']}
  for (const [subject, filters, result] of rows) {
    assert.equal(
      takeX(`{#Subject|${filters}}`, {subject, x, tables, record: {subject, tags: subject}}),
      result,
      filters,
    )
  }
})

test('lists of tags', () => {
  const of = (filters: string): Json | undefined =>
    takeX(`{#Tags|${filters}}`, {record: {tags: ['b', 'a']}, x: {type: ['string', 'number', 'array']}})
  assert.equal(of('first'), 'b')
  assert.equal(of('last'), 'a')
  assert.equal(of('join'), 'b, a')
  assert.equal(of('count'), 2)
  assert.equal(of('slice:1'), ['a'])
  assert.equal(of('upper'), ['B', 'A'])
  assert.equal(takeX('{#Tags|count}', {record: {}, x: {type: 'integer'}}), 0)
})

test('dates: of a day, of a wall clock, and of a moment in a zone', () => {
  const rows: [due: Json, filters: string, result: string][] = [
    ['2027-03-31', 'date:dd.MM.yyyy', '31.03.2027'],
    ['2027-03-31', 'date:dd-MM-yyyy HH:mm,America/New_York', '31-03-2027 00:00'],
    ['2027-03-31T23:30:00Z', 'date:yyyy-MM-dd HH:mm,Europe/Berlin', '2027-04-01 01:30'],
    ['2027-03-31T23:30:00Z', 'date:iso,Europe/Berlin', '2027-04-01T01:30:00.000+02:00'],
    ['2027-03-31T23:30:00+02:00', 'date:iso', '2027-03-31T21:30:00.000Z'],
    ['2027-01-31T12:00', 'date:XXX,Europe/Berlin', '+01:00'],
    ['2027-07-31T12:00', 'date:XXX,Europe/Berlin', '+02:00'],
    // One hour before and after the clocks go forward.
    ['2027-03-28T00:59:00Z', 'date:HH:mm XXX,Europe/Berlin', '01:59 +01:00'],
    ['2027-03-28T01:00:00Z', 'date:HH:mm XXX,Europe/Berlin', '03:00 +02:00'],
    ['2027-03-28T03:30', 'date:seconds,Europe/Berlin', String(Date.UTC(2027, 2, 28, 1, 30) / 1000)],
    ['2027-10-31T01:00:00Z', 'date:HH:mm XXX,Europe/Berlin', '02:00 +01:00'],
    ['2027-03-31', "date:EEEE d MMMM yy, h 'o''clock' a", "Wednesday 31 March 27, 12 o'clock AM"],
    ['2027-03-31T23:30:05.7Z', 'date:h:mm:ss.SSS a', '11:30:05.700 PM'],
    ['1970-01-02', 'date:milliseconds', '86400000'],
    ['1970-01-01', 'date:filetime', '116444736000000000'],
    ['2027-02-28', 'add:1', '2027-03-01'],
    ['2027-03-01T10:00', 'add:-1|date:dd.MM. HH:mm', '28.02. 10:00'],
    ['2027-12-31T23:00:00Z', 'add:1', '2028-01-01T23:00:00.000Z'],
    [Date.UTC(2027, 0, 1), 'date:date', '2027-01-01'],
  ]
  for (const [due, filters, result] of rows) {
    const quoted = filters.replace(/date:([^|]*, h .*)$/, (_, format: string) => `date:"${format}"`)
    assert.is(takeX(`{#Due|${quoted}}`, {record: {due}}), result, `${String(due)} ${filters}`)
  }
  assert.is(takeX('{#now|date:date,Asia/Tokyo}'), '2027-03-31')
})

test('values a filter cannot take are errors that tell parameter, field and value', () => {
  const rows: [subject: Json, filters: string, message: RegExp][] = [
    ['12 km', 'number', /^Parameter "x" cannot be made of "Subject": expected a number, found "12 km"$/],
    ['99999999999999999999', 'number', /expected a number/],
    ['maybe', 'bool', /expected true or false, found "maybe"/],
    ['2027-02-30', 'date:iso', /expected a date .*, found "2027-02-30"/],
    ['12345', 'phone:e164', /no telephone number/],
    ['call me', 'phone:e164,49', /no telephone number/],
    ['zzz', 'map:team', /the table "team" has no row for "zzz"/],
    ['', 'required', /it has no value/],
    [{a: 1}, 'upper', /expected text, found an object/],
    ['9999-12-31', 'add:1', /a date in the calendar/],
  ]
  for (const [subject, filters, message] of rows) {
    const {problems, input, rows: shown} = mapOne(`{#Subject|${filters}}`, {subject, tables})
    assert.is(problems.length, 1, filters)
    assert.match(problems[0]?.message ?? '', message)
    assert.ok(problems[0]?.remedy)
    assert.equal([problems[0]?.pointer, problems[0]?.at], ['/rows/0/template', 0])
    assert.equal(input, {})
    assert.is(shown[0]?.status, 'error')
  }
})

test('wrong names, arguments and kinds are faults before there is a value', () => {
  const rows: [template: string, code: string, message: RegExp][] = [
    ['a {#Subject|uper}', 'FILTER_UNKNOWN', /There is no filter "uper"/],
    ['a {#Subject|slice}', 'FILTER_ARGUMENTS', /needs 1 argument, found 0/],
    ['a {#Subject|slice:a}', 'FILTER_ARGUMENTS', /cannot take "a" as start: it is no whole number/],
    ['a {#Subject|upper:1}', 'FILTER_ARGUMENTS', /takes no arguments, found 1/],
    ['a {#Subject|replace:"",x}', 'FILTER_ARGUMENTS', /it is empty/],
    ['a {#Due|date:"QQ"}', 'FILTER_ARGUMENTS', /the letter "Q"/],
    ['a {#Due|date:iso,Mars/Base}', 'FILTER_ARGUMENTS', /no such time zone/],
    ['a {#Subject|map:taem}', 'FILTER_ARGUMENTS', /no such table; did you mean "team"/],
    ['a {#Subject|phone:us}', 'FILTER_ARGUMENTS', /none of e164/],
    ['a {#Subject|phone:e164,DE}', 'FILTER_ARGUMENTS', /no country code/],
    ['a {#Subject|first}', 'FILTER_TYPE', /works on a list, not on text/],
    ['a {#Tags|number|date:iso}', 'FILTER_TYPE', /x/],
    ['a {#Active|date:iso}', 'FILTER_TYPE', /works on a date or text or a number, not on true or false/],
    ['a {#Tags|split:","}', 'FILTER_TYPE', /not on a list/],
  ]
  for (const [template, code, message] of rows) {
    const [fault] = mapOne(template, {tables}).faults.filter(({severity}) => severity === 'error')
    if (template.includes('|number|date')) {
      // On each item of a list.
      assert.is(fault, undefined)
      continue
    }
    assert.is(fault?.code, code, template)
    assert.match(fault?.message ?? '', message)
    assert.is(fault?.at, template.indexOf('|') + 1)
    assert.ok(fault?.remedy)
  }
})

test('no row of filters grows a value without end', () => {
  const doubling = '|replace:a,aa'.repeat(40)
  const {problems} = mapOne(`{#Subject${doubling}}`, {subject: 'a'})
  assert.match(problems[0]?.message ?? '', /more than 1000000 characters/)
  const quoting = '|json'.repeat(40)
  assert.is(mapOne(`{#Subject${quoting}}`, {subject: '"'}).problems[0]?.code, 'VALUE_TOO_LONG')
  const wide = mapOne('{#Subject}'.repeat(20), {subject: 'a'.repeat(100_000)})
  assert.is(wide.problems[0]?.code, 'VALUE_TOO_LONG')
  assert.is(mapOne('{#Subject}', {subject: 'a'.repeat(100_000)}).problems.length, 0)
})

test.run()
