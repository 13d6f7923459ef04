import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {type OutcomeSource, renderOutput} from '../../host/mapping/output.ts'
import type {OutputRow} from '../../host/types.ts'
import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {describeField, FIELDS} from './map-record.ts'

const test = suite('outputs')

const DONE: OutcomeSource = {
  status: 'succeeded',
  output: {dn: 'CN=a', n: 4, list: ['a', 1], deep: {list: [{id: 'x'}]}, nothing: null, text: '5'},
  message: 'Created',
  error: null,
}
const FAILED: OutcomeSource = {
  status: 'timedOut',
  output: null,
  message: 'No answer',
  error: {code: 'TIMEOUT', category: 'unknown', message: 'No answer', retryable: true},
}

function write(rows: OutputRow[], outcome = DONE): {fields: JsonObject; problems: string[]} {
  return renderOutput(rows, outcome, [...FIELDS, describeField('Id', {readOnly: true})])
}

test('values are found by their path and written by the id of the field', () => {
  const rows: [source: string, field: string, fields: JsonObject][] = [
    ['output.dn', 'Subject', {subject: 'CN=a'}],
    ['output.deep.list.0.id', 'cf:7', {'cf:7': 'x'}],
    ['message', 'phone', {'cf:7': 'Created'}],
    ['status', 'Subject', {subject: 'succeeded'}],
    ['output.nothing', 'Subject', {subject: null}],
    ['output.gone', 'Subject', {}],
    ['output.deep.toString', 'Subject', {}],
    ['error.message', 'Subject', {}],
  ]
  for (const [source, field, fields] of rows) assert.equal(write([{source, field}]), {fields, problems: []}, source)
})

test('each field gets what its type can hold', () => {
  const of = (value: Json, field: string): Json | undefined => {
    const {fields, problems} = write([{source: 'output', field}], {...DONE, output: value})
    assert.is(Object.keys(fields).length + problems.length, 1)
    return Object.values(fields)[0] ?? problems[0]
  }
  assert.is(of(5, 'Subject'), '5')
  assert.is(of(['a', 1], 'Subject'), 'a, 1')
  assert.is(of({a: [1]}, 'Subject'), '{"a":[1]}')
  assert.is(of([{a: 1}], 'Subject'), '[{"a":1}]')
  assert.is(of('5', 'Count'), 5)
  assert.is(of('five', 'Count'), 'output: the field "Count" expects a number, found "five"')
  assert.is(of('yes', 'Active'), true)
  assert.is(of('2027-03-31', 'Due'), '2027-03-31')
  assert.is(of('soon', 'Due'), 'output: the field "Due" expects a date, found "soon"')
  assert.is(of('HIGH', 'Priority'), 'high')
  assert.is(of('higher', 'Priority'), 'output: the field "Priority" expects one of low, normal, high, found "higher"')
  assert.equal(of('a', 'Tags'), ['a'])
  assert.equal(of(['a', 2], 'Tags'), ['a', '2'])
  assert.is(of('x', 'Id'), 'output: the field "Id" cannot be written')
})

test('rows are for success, for everything else, or for both', () => {
  const rows: OutputRow[] = [
    {source: 'message', field: 'Subject'},
    {source: 'error.code', field: 'cf:7', when: 'failed'},
    {source: 'status', field: 'cf:8', when: 'always'},
  ]
  assert.equal(write(rows).fields, {subject: 'Created', 'cf:8': 'succeeded'})
  assert.equal(write(rows, FAILED).fields, {'cf:7': 'TIMEOUT', 'cf:8': 'timedOut'})
})

test('a field that is gone or has two of its name is a problem, and the others are written', () => {
  const {fields, problems} = write([
    {source: 'output.dn', field: 'Gone'},
    {source: 'output.dn', field: 'Serial'},
    {source: 'output.dn', field: 'Subject'},
  ])
  assert.equal(fields, {subject: 'CN=a'})
  assert.is(problems.length, 2)
  assert.match(problems[0] ?? '', /^output\.dn: There is no field "Gone"/)
  assert.match(problems[1] ?? '', /by its id: cf:8, cf:9/)
})

test.run()
