import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import type {JsonSchema} from '../../host/manifest.ts'
import {compileMapping} from '../../host/mapping/render.ts'
import type {MappingDefinition, MappingProblem} from '../../host/types.ts'
import {CONFIG_SCHEMA, FIELDS} from './map-record.ts'

const test = suite('checks when a mapping is saved')

const INPUT: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'mode'],
  properties: {
    name: {type: 'string'},
    mode: {enum: ['low', 'normal', 'high'], default: 'low'},
    age: {type: 'integer'},
    flag: {type: 'boolean'},
    start: {type: 'string', format: 'date'},
    tags: {type: 'array', items: {type: 'string'}},
    address: {type: 'object', required: ['city'], properties: {city: {type: 'string'}, zip: {type: 'string'}}},
    headers: {type: 'object', additionalProperties: {type: 'string'}},
    any: {},
    level: {enum: ['low', 'high']},
  },
}

const OUTPUT: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    dn: {type: 'string'},
    groups: {type: 'array', items: {type: 'object', properties: {id: {type: 'string'}}}},
  },
}

function check(definition: Omit<MappingDefinition, 'action'>): MappingProblem[] {
  const context = {inputSchema: INPUT, outputSchema: OUTPUT, configSchema: CONFIG_SCHEMA, fields: FIELDS}
  return compileMapping({action: 'do', ...definition}, context).problems
}

const NAME = {target: 'name', template: '{#Name}'}

/** Of rows beside one that sets what is required. */
function checkRows(...rows: MappingDefinition['rows']): MappingProblem[] {
  return check({rows: [NAME, ...rows]})
}

test('a mapping in order has no problems', () => {
  const problems = check({
    rows: [
      NAME,
      {target: 'mode', template: '{#Priority}'},
      {target: 'age', template: '{#Count}'},
      {target: 'flag', template: '{#Active}'},
      {target: 'start', template: '{#Due}'},
      {target: 'tags', template: '{#Tags}'},
      {target: 'address.city', template: '{#cf:7}'},
      {target: 'headers.X-A\\.b', template: '{#ticket.subject}'},
      {target: 'any.thing.deep', template: '{#event.old.Priority} {#user.name} {#steps.a.output.x} {#now|date:iso}'},
    ],
    output: [
      {source: 'output.dn', field: 'Phone'},
      {source: 'output.groups.0.id', field: 'cf:8'},
      {source: 'error.message', field: 'cf:9', when: 'failed'},
    ],
  })
  assert.equal(problems, [])
})

test('each fault has a code, a place, a sentence and a remedy', () => {
  const rows: [row: MappingDefinition['rows'][number], code: string, pointer: string, remedy: RegExp][] = [
    [{target: 'any', template: '{#Subjct}'}, 'REFERENCE_UNKNOWN', '/rows/1/template', /Did you mean "Subject"/],
    [{target: 'any', template: '{#Serial}'}, 'REFERENCE_AMBIGUOUS', '/rows/1/template', /by its id: cf:8, cf:9/],
    [{target: 'any', template: '{#asset.serial}'}, 'REFERENCE_UNKNOWN', '/rows/1/template', /that module/],
    [{target: 'any', template: '{#steps.}'}, 'REFERENCE_UNKNOWN', '/rows/1/template', /steps\.<name>/],
    [{target: 'nmae', template: 'x'}, 'TARGET_UNKNOWN', '/rows/1/target', /Did you mean "name"/],
    [{target: 'age.years', template: 'x'}, 'TARGET_UNKNOWN', '/rows/1/target', /Set "age" itself/],
    [{target: 'any..x', template: 'x'}, 'TARGET_INVALID', '/rows/1/target', /joined by dots/],
    [{target: 'any.__proto__.x', template: 'x'}, 'TARGET_INVALID', '/rows/1/target', /./],
    [{target: 'age', template: 'x'}, 'TYPE_UNFIT', '/rows/1/template', /./],
    [{target: 'age', template: '{#Tags}'}, 'TYPE_UNFIT', '/rows/1/template', /\|first/],
    [{target: 'age', template: '{#Active}'}, 'TYPE_UNFIT', '/rows/1/template', /another field/],
    [{target: 'flag', template: '{#Tags|upper}'}, 'TYPE_UNFIT', '/rows/1/template', /\|first/],
    [{target: 'name', template: 'x'}, 'TARGET_TWICE', '/rows/1/target', /condition/],
    [
      {target: 'name', template: 'x', when: {field: 'Subject', is: 'empty'}},
      'ROW_UNREACHABLE',
      '/rows/1/target',
      /condition/,
    ],
    [{target: 'any', template: 'x', when: {any: []}}, 'ROW_UNREACHABLE', '/rows/1/when', /comparison/],
    [{target: 'address.zip', template: 'x'}, 'PARAMETER_MISSING', '/rows', /Add a row/],
    [{target: 'any', template: '{#Subject|raw}'}, 'RAW_REFUSED', '/rows/1/template', /allowRaw/],
    [
      {target: 'any', template: 'x', when: {field: 'Sbject', is: 'empty'}},
      'CONDITION_INVALID',
      '/rows/1/when/field',
      /./,
    ],
  ]
  for (const [row, code, pointer, remedy] of rows) {
    const problems = checkRows(row)
    assert.equal(
      problems.map(problem => [problem.code, problem.pointer, problem.severity]),
      [[code, pointer, 'error']],
      row.template,
    )
    assert.match(problems[0]?.remedy ?? '', remedy)
    assert.ok(problems[0]?.message)
  }
})

test('positions count the characters of the template', () => {
  const template = 'a {#Name} b {#Nmae|upper|uper} {#Subject'
  assert.equal(
    checkRows({target: 'any', template}).map(({at, code}) => [at, code]),
    [
      [template.lastIndexOf('{#'), 'PLACEHOLDER_OPEN'],
      [template.indexOf('{#Nmae'), 'REFERENCE_UNKNOWN'],
      [template.indexOf('uper}'), 'FILTER_UNKNOWN'],
    ],
  )
})

test('required parameters need a row, unless the schema has a default', () => {
  assert.equal(
    check({rows: []}).map(({code, message}) => [code, message]),
    [['PARAMETER_MISSING', 'No row sets "name", which is required']],
  )
  assert.equal(checkRows({target: 'address', template: '{#steps.a.output}'}), [])
})

test('two rows for a parameter or a part of it', () => {
  const when = {field: 'Active', is: 'equal', value: true} as const
  const first = {target: 'any', template: 'a', when}
  assert.equal(checkRows(first, {target: 'any', template: 'b'}), [])
  const codes = (...rows: MappingDefinition['rows']): string[] => checkRows(...rows).map(({code}) => code)
  assert.equal(codes({target: 'any', template: 'b'}, first), ['ROW_UNREACHABLE'])
  assert.equal(codes({target: 'any.a', template: 'b'}, {target: 'any', template: 'c'}), ['TARGET_OVERLAPS'])
  assert.equal(codes({target: 'any', template: 'b'}, {target: 'any.a', template: 'c'}), ['TARGET_OVERLAPS'])
  assert.equal(codes({target: 'any.a', template: 'b'}, {target: 'any.ab', template: 'c'}), [])
})

test('warnings do not keep a mapping from being saved', () => {
  const tables = {
    used: {
      rows: [
        {from: 'a', to: 1},
        {from: 'A ', to: 2},
      ],
    },
    unused: {rows: []},
  }
  const problems = check({
    rows: [
      NAME,
      {target: 'any', template: '{#Subject|raw}', allowRaw: true},
      {target: 'headers.a', template: '{#Subject|map:used}DOMAIN\\{#Name}'},
      {target: 'level', template: '{#Priority}'},
    ],
    tables,
  })
  assert.equal(
    problems.map(({code, severity}) => [code, severity]),
    ['RAW_USED', 'PLACEHOLDER_LITERAL', 'CHOICES_UNFIT', 'TABLE_REPEATS', 'TABLE_UNUSED'].map(code => [
      code,
      'warning',
    ]),
  )
  assert.match(problems[1]?.remedy ?? '', /\\\\\{#Name\}/)
  assert.match(problems[2]?.message ?? '', /does not know the choices normal/)
  assert.is(problems[4]?.pointer, '/tables/unused')
})

test('a parameter that the schema neither names nor forbids is passed on with a warning', () => {
  const inputSchema = {type: 'object', properties: {name: {type: 'string'}}}
  const context = {inputSchema, configSchema: {}, fields: FIELDS}
  const of = (target: string): string[] =>
    compileMapping({action: 'do', rows: [{target, template: 'x'}]}, context).problems.map(({code}) => code)
  assert.equal(of('name'), [])
  assert.equal(of('nmae'), ['TARGET_UNDECLARED'])
})

test('outputs lead from the outcome to a field that can be written', () => {
  const fields = [...FIELDS, {...FIELDS[0], id: 'id', label: 'Id', readOnly: true} as (typeof FIELDS)[number]]
  const context = {inputSchema: {}, outputSchema: OUTPUT, configSchema: {}, fields}
  const of = (source: string, field: string): string[] =>
    compileMapping({action: 'do', rows: [], output: [{source, field}]}, context).problems.map(
      ({code, pointer}) => `${code} ${pointer}`,
    )
  assert.equal(of('output.dn', 'Subject'), [])
  assert.equal(of('output', 'Subject'), [])
  assert.equal(of('output.nd', 'Subject'), ['SOURCE_UNKNOWN /output/0/source'])
  assert.equal(of('error.stack', 'Subject'), ['SOURCE_UNKNOWN /output/0/source'])
  assert.equal(of('input.dn', 'Subject'), ['SOURCE_UNKNOWN /output/0/source'])
  assert.equal(of('message.x', 'Subject'), ['SOURCE_UNKNOWN /output/0/source'])
  assert.equal(of('output.dn', 'Subjct'), ['REFERENCE_UNKNOWN /output/0/field'])
  assert.equal(of('output.dn', 'secret.auth.password'), ['REFERENCE_UNKNOWN /output/0/field'])
  assert.equal(of('output.dn', 'Id'), ['FIELD_READ_ONLY /output/0/field'])
  const twice = [
    {source: 'output.dn', field: 'Subject'},
    {source: 'message', field: 'subject'},
  ]
  assert.equal(
    compileMapping({action: 'do', rows: [], output: twice}, context).problems.map(({code}) => code),
    ['TARGET_TWICE'],
  )
})

test('more rows and longer templates than anyone writes are refused', () => {
  const rows = Array.from({length: 501}, (_, index) => ({target: `headers.h${index}`, template: 'x'}))
  assert.ok(checkRows(...rows).some(({code, pointer}) => code === 'TOO_LARGE' && pointer === '/rows'))
  const [problem] = checkRows({target: 'any', template: 'x'.repeat(100_001)})
  assert.is(problem?.code, 'TOO_LARGE')
})

test.run()
