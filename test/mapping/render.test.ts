import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import type {JsonSchema} from '../../host/manifest.ts'
import type {MappingRow} from '../../host/types.ts'
import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {mapOne, mapRecord, takeX} from './map-record.ts'

const test = suite('inputs of records')

test('one placeholder keeps its type, beside text it is text', () => {
  const x = {}
  const record = {subject: 'a', count: 4, active: false, tags: ['x', 'y'], due: '2027-03-31'}
  const of = (template: string): Json | undefined => takeX(template, {record, x})
  assert.equal(of('{#Count}'), 4)
  assert.equal(of('{#Active}'), false)
  assert.equal(of('{#Tags}'), ['x', 'y'])
  assert.equal(of('{#Count#}'), 4)
  assert.equal(of(' {#Count}'), ' 4')
  assert.equal(of('{#Tags}.'), 'x, y.')
  assert.equal(of('{#Active}{#Count}'), 'false4')
  assert.equal(of(''), '')
})

test('every kind of reference', () => {
  const source = {
    record: {id: '7', subject: 'new', requester: {name: 'Ann'}, fields: {Phone: '1', 'Serial 2': 's'}},
    old: {subject: 'old'},
    steps: {ad: {output: {dn: 'CN=a', groups: [{id: 'g1'}]}}},
    user: {name: 'jo'},
  }
  const rows: [template: string, value: Json][] = [
    ['{#Requester Name}', 'Ann'],
    ['{#requester name}', 'Ann'],
    ['{#Name}', 'Ann'],
    ['{#requester.name}', 'Ann'],
    ['{#"Requester Name"}', 'Ann'],
    ['{#cf:7}', '1'],
    ['{#cf:9}', 's'],
    ['{#ticket.subject}', 'new'],
    ['{#event.new.Subject}', 'new'],
    ['{#event.old.Subject}', 'old'],
    ['{#steps.ad.output.dn}', 'CN=a'],
    ['{#steps.ad.output.groups.0.id}', 'g1'],
    ['{#user.name}', 'jo'],
    ['{#config.port}', 8080],
    ['{#config.auth.user}', 'bot'],
    ['{#now}', '2027-03-31T12:00:00.000Z'],
  ]
  for (const [template, value] of rows) assert.equal(takeX(template, {...source, x: {}}), value, template)
  assert.is(takeX('{#steps.ad.output.constructor.name}', {...source, x: {}}), undefined)
})

test('values are brought to the parameter’s type', () => {
  const rows: [subject: Json, x: JsonSchema, value: Json][] = [
    ['12', {type: 'integer'}, 12],
    [12, {type: 'string'}, '12'],
    ['1.5', {type: 'number'}, 1.5],
    ['yes', {type: 'boolean'}, true],
    [1, {type: 'boolean'}, true],
    ['a', {type: 'array', items: {type: 'string'}}, ['a']],
    [['1', '2'], {type: 'array', items: {type: 'integer'}}, [1, 2]],
    ['["a"]', {type: 'array'}, ['a']],
    ['{"a": 1}', {type: 'object'}, {a: 1}],
    [['a', 'b'], {type: 'string'}, 'a, b'],
    ['HIGH', {enum: ['low', 'high']}, 'high'],
    ['3', {enum: [1, 2, 3]}, 3],
    ['on', {const: 'On'}, 'On'],
    ['2027-03-31T23:00:00Z', {type: 'string', format: 'date'}, '2027-03-31'],
    ['2027-03-31', {type: 'string', format: 'date-time'}, '2027-03-31T00:00:00.000Z'],
    [Date.UTC(2027, 0, 1), {type: 'string', format: 'date-time'}, '2027-01-01T00:00:00.000Z'],
    ['5', {type: ['integer', 'null']}, 5],
    ['x', {type: ['integer', 'string']}, 'x'],
    ['5', {anyOf: [{type: 'boolean'}, {type: 'integer'}]}, 5],
    ['5', {oneOf: [{type: 'integer'}, {type: 'string'}]}, '5'],
    ['7', {$ref: '#/properties/y'}, 7],
    ['7', {allOf: [{type: 'integer'}, {minimum: 1}]}, 7],
    [
      {a: '1', b: '2'},
      {type: 'object', properties: {a: {type: 'integer'}}},
      {a: 1, b: '2'},
    ],
  ]
  for (const [subject, x, value] of rows) {
    const inputSchema = {type: 'object', properties: {x, y: {type: 'integer'}}}
    const made = mapRecord({rows: [{target: 'x', template: '{#Subject}'}]}, {inputSchema, record: {subject}})
    assert.equal(made.problems, [], JSON.stringify(x))
    assert.equal(made.input.x, value, JSON.stringify(x))
  }
})

test('what cannot be brought to it is told with parameter, field, value and what is expected', () => {
  const rows: [subject: Json, x: JsonSchema, message: string][] = [
    ['abc', {type: 'integer'}, 'expected a whole number, found "abc"'],
    ['1.5', {type: 'integer'}, 'expected a whole number, found "1.5"'],
    ['99999999999999999999', {type: 'integer'}, 'expected a whole number, found "99999999999999999999"'],
    ['maybe', {type: 'boolean'}, 'expected true or false, found "maybe"'],
    [true, {type: 'number'}, 'expected a number, found true'],
    [['a', 'b'], {type: 'integer'}, 'expected a whole number, found ["a","b"]'],
    [{a: 1}, {type: 'string'}, 'an object is no text'],
    ['x', {type: 'object'}, 'expected an object, found "x"'],
    ['x', {enum: ['a', 2]}, 'expected one of "a", 2, found "x"'],
    ['31.03.2027', {type: 'string', format: 'date'}, 'expected a day such as 2027-03-31, found "31.03.2027"'],
    [['1', 'x'], {type: 'array', items: {type: 'integer'}}, 'expected a whole number, found "x"'],
    ['x', {type: ['integer', 'boolean']}, 'expected a whole number or true or false, found "x"'],
    ['a'.repeat(500), {type: 'integer'}, `expected a whole number, found "${'a'.repeat(58)}…`],
  ]
  for (const [subject, x, message] of rows) {
    const {problems, input} = mapOne('{#Subject}', {subject, x})
    assert.equal(
      problems.map(problem => problem.message),
      [`Parameter "x" cannot be made of "Subject": ${message}`],
    )
    assert.equal(input, {})
  }
})

test('rows without a value: by their policy, by default an error where it is required and left out elsewhere', () => {
  const row = (
    change: Partial<MappingRow>,
    x: JsonSchema = {type: 'string'},
    required = false,
  ): [JsonObject, string[]] => {
    const inputSchema = {type: 'object', properties: {x}, ...(required && {required: ['x']})}
    const {input, problems} = mapRecord(
      {rows: [{target: 'x', template: '{#Subject}', ...change}]},
      {inputSchema, record: {subject: ''}},
    )
    return [input, problems.map(({code}) => code)]
  }
  assert.equal(row({}), [{}, []])
  assert.equal(row({}, {type: 'string'}, true), [{}, ['VALUE_MISSING']])
  assert.equal(row({missing: 'error'}), [{}, ['VALUE_MISSING']])
  assert.equal(row({missing: 'omit'}, {type: 'string'}, true), [{}, []])
  assert.equal(row({missing: 'keep'}), [{}, []])
  assert.equal(row({missing: 'empty'}), [{x: ''}, []])
  assert.equal(row({missing: 'empty'}, {type: ['integer', 'null']}), [{x: null}, []])
  assert.equal(row({missing: 'empty'}, {type: 'array'}), [{x: []}, []])
  assert.equal(row({missing: 'empty'}, {type: 'integer'}), [{}, ['VALUE_MISSING']])
  assert.equal(row({missing: {default: '5'}}, {type: 'integer'}), [{x: 5}, []])
  assert.equal(row({missing: 'empty', template: '[{#Subject}]'}), [{x: '[]'}, []])
  assert.equal(row({missing: 'omit', template: '[{#Subject}]'}), [{}, []])
  assert.equal(row({template: '{#Subject|default:d}'}), [{x: 'd'}, []])
  assert.equal(row({template: '{#Subject|required}', missing: 'omit'}), [{}, ['VALUE_MISSING']])
})

test('what is missing is told by its label', () => {
  const {missing, problems} = mapOne('{#Subject} {#Phone} {#Count}', {record: {count: 0}, row: {missing: 'error'}})
  assert.equal(missing, ['Subject', 'Phone'])
  assert.is(problems[0]?.message, 'Parameter "x" cannot be made of "Subject": it has no value')
})

test('targets lead into objects and open lists of names', () => {
  const rows = [
    {target: 'a.b.c', template: '1'},
    {target: 'a.b.d', template: '{#Count}'},
    {target: 'headers.X\\.y', template: 'v'},
    {target: 'headers.Z', template: '{#Subject}'},
  ]
  const {input} = mapRecord({rows}, {record: {count: 2}})
  assert.equal(input, {a: {b: {c: '1', d: 2}}, headers: {'X.y': 'v'}})
})

test('of several rows for one parameter the first whose condition fits counts', () => {
  const rows = [
    {target: 'x', template: 'now', when: {field: 'Priority', is: 'equal', value: 'high'} as const},
    {target: 'x', template: 'soon', when: {field: 'Priority', is: 'equal', value: 'normal'} as const},
    {target: 'x', template: 'later'},
  ]
  const of = (priority: string): [Json | undefined, string[]] => {
    const {input, rows: shown} = mapRecord({rows}, {record: {priority}})
    return [input.x, shown.map(({status}) => status)]
  }
  assert.equal(of('high'), ['now', ['set', 'skipped', 'skipped']])
  assert.equal(of('Normal'), ['soon', ['skipped', 'set', 'skipped']])
  assert.equal(of('low'), ['later', ['skipped', 'skipped', 'set']])
})

test('a required parameter whose rows all do not fit is an error', () => {
  const inputSchema = {type: 'object', required: ['x'], properties: {x: {type: 'string'}}}
  const rows = [{target: 'x', template: 'now', when: {field: 'Priority', is: 'equal', value: 'high'} as const}]
  assert.equal(mapRecord({rows}, {inputSchema, record: {priority: 'high'}}).problems, [])
  const {problems} = mapRecord({rows}, {inputSchema, record: {priority: 'low'}})
  assert.equal(
    problems.map(({code, pointer}) => [code, pointer]),
    [['PARAMETER_MISSING', '/rows/0/when']],
  )
})

test('each row shows what it was made of, and its value before and after escaping and conversion', () => {
  const x = {type: 'string', 'x-fp-context': 'url'}
  const {rows} = mapOne('/q?a={#Subject}&b={#Count}', {record: {subject: 'a b', count: 3}, x})
  assert.equal(rows, [
    {
      target: 'x',
      template: '/q?a={#Subject}&b={#Count}',
      status: 'set',
      values: [
        {reference: 'Subject', label: 'Subject', value: 'a b', missing: false},
        {reference: 'Count', label: 'Count', value: 3, missing: false},
      ],
      resolved: '/q?a=a b&b=3',
      escaped: '/q?a=a%20b&b=3',
      coerced: '/q?a=a%20b&b=3',
      context: 'url',
      problem: null,
    },
  ])
})

test.run()
