import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {checkCondition, evaluateCondition} from '../../host/mapping/conditions.ts'
import type {Condition, MappingSource, Operator} from '../../host/types.ts'
import type {Json} from '../../runtime/protocol.ts'
import {FIELDS} from './map-record.ts'

const test = suite('conditions')

function fits(condition: Condition, source: MappingSource): boolean {
  return evaluateCondition(condition, source, FIELDS).fits
}

test('each operator on values of each kind', () => {
  const rows: [found: Json | undefined, field: string, is: Operator, value: Json | undefined, fits: boolean][] = [
    ['VPN down', 'Subject', 'equal', ' vpn DOWN ', true],
    ['VPN', 'Subject', 'equal', 'VPN2', false],
    ['VPN', 'Subject', 'notEqual', 'vpn', false],
    [undefined, 'Subject', 'equal', 'x', false],
    [undefined, 'Subject', 'notEqual', 'x', true],
    [undefined, 'Subject', 'equal', '', true],
    ['', 'Subject', 'equal', null, true],
    [5, 'Count', 'equal', '5', true],
    [5, 'Count', 'equal', 5.5, false],
    ['05', 'Subject', 'equal', '5', false],
    [true, 'Active', 'equal', true, true],
    [true, 'Active', 'equal', 'true', true],
    [['b', 'a'], 'Tags', 'equal', ['A', 'B'], true],
    [['a'], 'Tags', 'equal', ['a', 'b'], false],
    [['a', 'b'], 'Tags', 'equal', ['a', 'a'], false],
    ['The VPN is down', 'Subject', 'contains', 'vpn', true],
    ['The VPN is down', 'Subject', 'notContains', 'vpn', false],
    [undefined, 'Subject', 'contains', 'x', false],
    [undefined, 'Subject', 'notContains', 'x', true],
    [['vip', 'x'], 'Tags', 'contains', 'VIP', true],
    [['vipper'], 'Tags', 'contains', 'vip', false],
    ['Re: x', 'Subject', 'startsWith', 're:', true],
    ['x Re:', 'Subject', 'startsWith', 're:', false],
    [9, 'Count', 'less', 10, true],
    ['9', 'Subject', 'less', '10', true],
    ['b', 'Subject', 'more', 'A', true],
    ['high', 'Priority', 'more', 'normal', true],
    ['low', 'Priority', 'more', 'normal', false],
    ['2027-03-31', 'Due', 'less', '2027-04-01T00:00:00Z', true],
    ['2027-04-01T01:00:00+02:00', 'Due', 'less', '2027-04-01', true],
    [undefined, 'Count', 'less', 1, false],
    [undefined, 'Count', 'more', -1, false],
    [{a: 1}, 'Subject', 'less', 1, false],
    [' ', 'Subject', 'empty', undefined, true],
    [[], 'Tags', 'empty', undefined, true],
    [0, 'Count', 'empty', undefined, false],
    [false, 'Active', 'notEmpty', undefined, true],
    [undefined, 'Subject', 'notEmpty', undefined, false],
    ['HIGH', 'Priority', 'in', ['high', 'urgent'], true],
    ['low', 'Priority', 'in', ['high'], false],
    [['a', 'b'], 'Tags', 'in', ['b', 'c'], true],
    [undefined, 'Tags', 'in', ['b'], false],
  ]
  for (const [found, field, is, value, expected] of rows) {
    const key = FIELDS.find(({label}) => label === field)?.path[0] ?? ''
    const record = found === undefined ? {} : {[key]: found}
    const text = `${JSON.stringify(found)} ${is} ${JSON.stringify(value)}`
    assert.is(fits({field, is, ...(value !== undefined && {value})}, {record}), expected, text)
  }
})

test('changed needs the record as it was, and sees the case of letters', () => {
  const of = (is: Operator, record: string | undefined, old: string | undefined | null, value?: string): boolean =>
    fits(
      {field: 'Subject', is, ...(value !== undefined && {value})},
      {
        record: record === undefined ? {} : {subject: record},
        ...(old !== null && {old: old === undefined ? {} : {subject: old}}),
      },
    )
  assert.is(of('changed', 'a', 'b'), true)
  assert.is(of('changed', 'a', 'a'), false)
  assert.is(of('changed', 'a', 'A'), true)
  assert.is(of('changed', undefined, 'A'), true)
  assert.is(of('changed', '', undefined), false)
  assert.is(of('changed', 'a', null), false)
  assert.is(of('changedTo', 'a', 'b', 'A'), true)
  assert.is(of('changedTo', 'a', 'a', 'a'), false)
  assert.is(of('changedTo', 'c', 'b', 'a'), false)
  assert.ok(fits({field: 'event.old.Subject', is: 'equal', value: 'b'}, {record: {}, old: {subject: 'b'}}))
})

test('groups, and why they fit', () => {
  const condition: Condition = {
    all: [
      {field: 'Priority', is: 'equal', value: 'high'},
      {
        any: [
          {field: 'Count', is: 'more', value: 3},
          {field: 'Tags', is: 'contains', value: 'vip'},
        ],
      },
    ],
  }
  assert.ok(fits(condition, {record: {priority: 'high', count: 4}}))
  assert.not.ok(fits(condition, {record: {priority: 'high', count: 3}}))
  assert.equal(evaluateCondition(condition, {record: {priority: 'high', count: 4}}, FIELDS).explained, [
    {text: 'Priority equals "high" (it is "high")', fits: true},
    {text: 'Count is more than 3 (it is 4)', fits: true},
    {text: 'Tags contains "vip" (it is empty)', fits: false},
  ])
  assert.ok(fits({all: []}, {record: {}}))
  assert.not.ok(fits({any: []}, {record: {}}))
})

test('a comparison with a field that is gone never fits', () => {
  for (const is of ['equal', 'notEqual', 'empty', 'notEmpty'] as const) {
    assert.not.ok(fits({field: 'Gone', is, value: 'x'}, {record: {}}))
  }
})

test('what is wrong with a condition is told where it is', () => {
  const rows: [condition: unknown, pointer: string, message: RegExp][] = [
    [null, '', /must be a group or a comparison/],
    [{}, '/is', /must be one of equal/],
    [{all: 3}, '/all', /must be a list/],
    [{all: [], any: []}, '', /other keys beside "all"/],
    [{any: [{all: [7]}]}, '/any/0/all/0', /must be a group/],
    [{field: 'Subject', is: 'like', value: 'x'}, '/is', /must be one of/],
    [{field: 3, is: 'equal', value: 'x'}, '/field', /must name a field/],
    [{field: 'Sbject', is: 'empty'}, '/field', /Did you mean "Subject"/],
    [{field: 'Serial', is: 'empty'}, '/field', /by its id/],
    [{field: 'secret.auth.password', is: 'empty'}, '/field', /cannot look at/],
    [{field: 'config.port', is: 'empty'}, '/field', /cannot look at/],
    [{field: 'now', is: 'empty'}, '/field', /cannot look at/],
    [{field: 'Subject', is: 'equal'}, '/value', /is required/],
    [{field: 'Subject', is: 'empty', value: 1}, '/value', /no use/],
    [{field: 'Subject', is: 'in', value: 'x'}, '/value', /must be a list/],
    [{field: 'Priority', is: 'equal', value: 'hihg'}, '/value', /none of low, normal, high/],
    [{field: 'Priority', is: 'in', value: ['low', 'x']}, '/value', /"x" is none of/],
    [{field: 'Subject', is: 'empty', note: 1}, '/note', /not a known key/],
  ]
  for (const [condition, pointer, message] of rows) {
    const problems = checkCondition(condition, FIELDS)
    assert.is(problems[0]?.pointer, pointer, JSON.stringify(condition))
    assert.match(problems[0]?.message ?? '', message)
  }
  const good = {
    all: [
      {field: 'steps.a.output.x', is: 'equal', value: 1},
      {field: 'user.name', is: 'notEmpty'},
      {field: 'Priority', is: 'equal', value: 'HIGH'},
    ],
  }
  assert.equal(checkCondition(good, FIELDS), [])
})

test('conditions as deep or as wide as nobody writes them are refused', () => {
  let deep: object = {field: 'Subject', is: 'empty'}
  for (let depth = 0; depth < 50; depth++) deep = {all: [deep]}
  assert.match(checkCondition(deep, FIELDS)[0]?.message ?? '', /groups more than/)
  const wide = {all: Array.from({length: 1000}, () => ({field: 'Subject', is: 'empty'}))}
  assert.equal(
    checkCondition(wide, FIELDS).map(({message}) => message),
    ['has more than 500 comparisons'],
  )
})

test.run()
