import fc from 'fast-check'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {FILTERS} from '../../host/mapping/filters.ts'
import type {MissingPolicy} from '../../host/types.ts'
import type {Json} from '../../runtime/protocol.ts'
import {CONFIG, mapOne, mapRecord, takeX} from './map-record.ts'

const test = suite('one pass')

const SECRET = (CONFIG.auth as {password: string}).password

/** Values that read like templates. */
const treacherous = fc
  .array(
    fc.constantFrom(
      '{#Password}',
      '{#secret.auth.password}',
      '{#Subject}',
      '{#config.auth.user}',
      '\\{#',
      '{#',
      '#}',
      '|upper}',
      'x',
    ),
    {minLength: 1, maxLength: 6},
  )
  .map(pieces => pieces.join(''))

test('a value that reads like a template stays what it is', () => {
  fc.assert(
    fc.property(treacherous, treacherous, (subject, name) => {
      const record = {subject, requester: {name}}
      assert.is(takeX('{#Subject}', {record}), subject)
      assert.is(takeX('a{#Subject}{#Name}b', {record}), `a${subject}${name}b`)
      assert.is(takeX('{#Subject|default:"{#Name}"|trim}', {record}), subject)
      assert.equal(takeX('{#Subject|split:"zz"}', {record, x: {type: 'array'}}), [subject])
      assert.not.ok(JSON.stringify(mapOne('{#Subject}-{#Name}', {record})).includes(SECRET))
    }),
  )
  // The same is seen where a value is put in for a value.
  assert.is(takeX(String(takeX('{#Subject}', {subject: '{#config.auth.user}'}))), 'bot')
})

test('what filters, tables and policies put in is not read again either', () => {
  const tables = {t: {rows: [{from: 'a', to: '{#config.auth.user}'}]}}
  assert.is(takeX('{#Subject|map:t}', {subject: 'a', tables}), '{#config.auth.user}')
  assert.is(takeX('{#Subject|default:"{#config.auth.user}"}'), '{#config.auth.user}')
  assert.is(takeX('{#Subject|replace:a,"{#Name}"}', {subject: 'a'}), '{#Name}')
  assert.is(takeX('{#Subject}', {row: {missing: {default: '{#config.auth.user}'}}}), '{#config.auth.user}')
})

const anyJson = fc.jsonValue({maxDepth: 2}) as fc.Arbitrary<Json>
const scalars = fc.oneof(
  anyJson,
  fc.constantFrom<Json[]>(null, '', [], {}, [null], [[]], 0, -0, 1e300, false, 'abc', '2027-01-01'),
)
const PARAMETERS = [
  {},
  ...['string', 'number', 'integer', 'boolean', 'array', 'object'].map(type => ({type})),
  {type: ['string', 'null']},
  {type: 'string', format: 'date'},
  {type: 'string', format: 'date-time'},
  {enum: ['a', 1, null]},
  {type: 'array', items: {type: 'integer'}},
  ...['ldap-dn', 'ldap-filter', 'url', 'header', 'json', 'html', 'csv', 'sms'].map(context => ({
    type: 'string',
    'x-fp-context': context,
  })),
]
const CALLS = [
  ...[
    '',
    ...Object.keys(FILTERS)
      .filter(name => !FILTERS[name]?.args?.some(({optional}) => !optional))
      .map(name => `|${name}`),
  ],
  ...[
    '|slice:1',
    '|at:0',
    '|default:d',
    '|split:","',
    '|date:iso',
    '|add:1',
    '|phone:e164,49',
    '|replace:a,b',
    '|map:t',
  ],
]
const policies: MissingPolicy[] = ['error', 'omit', 'empty', 'keep', {default: 'd'}]

test('whatever the value: it is set as its type or refused, and never "undefined", "NaN" or "[object Object]"', () => {
  const seen = {set: 0, error: 0, omitted: 0, skipped: 0}
  fc.assert(
    fc.property(
      fc.option(scalars, {nil: undefined}),
      fc.constantFrom(...CALLS),
      fc.constantFrom(...PARAMETERS),
      fc.constantFrom(...policies),
      fc.constantFrom('{#Subject}', 'a{#Subject}b', '"{#Subject}"'),
      (subject, call, x, missing, template) => {
        fc.pre(!/undefined|NaN|\[object/.test(JSON.stringify(subject) ?? ''))
        const {input, rows, problems, shown} = mapOne(template.replace('}', `${call}}`), {
          ...(subject !== undefined && {subject}),
          x,
          row: {missing, allowRaw: true},
          tables: {t: {rows: [], unmatched: 'pass'}},
        })
        for (const each of [input, shown, rows, problems])
          assert.not.match(JSON.stringify(each), /undefined|NaN|\[object/)
        const [row] = rows
        if (!row) return
        seen[row.status]++
        assert.is(row.status === 'set', 'x' in input)
        assert.is(row.status === 'error', row.problem !== null)
        assert.is(row.problem !== null, problems.length > 0)
      },
    ),
    {numRuns: 5000},
  )
  assert.ok(seen.set > 500 && seen.error > 500 && seen.omitted > 50, JSON.stringify(seen))
})

test('a secret goes to the plugin and is shown to nobody', () => {
  const inputSchema = {
    type: 'object',
    properties: {
      key: {type: 'string', 'x-fp-secret': true},
      headers: {type: 'object', additionalProperties: {type: 'string', 'x-fp-context': 'header'}},
    },
  }
  const made = mapRecord(
    {
      rows: [
        {target: 'key', template: '{#secret.auth.password}'},
        {target: 'headers.Authorization', template: 'Bearer {#secret.auth.password}'},
      ],
    },
    {inputSchema},
  )
  assert.equal(made.faults, [])
  assert.equal(made.input, {key: SECRET, headers: {Authorization: `Bearer ${SECRET}`}})
  assert.equal(made.shown, {key: '••••••', headers: {Authorization: 'Bearer ••••••'}})
  const {input: _, ...shown} = made
  assert.not.ok(JSON.stringify(shown).includes(SECRET))

  const config = {auth: {password: `${SECRET}\n`}}
  const broken = mapRecord(
    {rows: [{target: 'headers.A', template: 'x {#secret.auth.password}'}]},
    {inputSchema, config},
  )
  assert.is(broken.problems.length, 1)
  assert.not.ok(JSON.stringify(broken).includes(SECRET))

  const typed = mapRecord(
    {rows: [{target: 'key', template: '{#Subject}'}]},
    {inputSchema, record: {subject: 'from-ticket'}},
  )
  assert.equal([typed.input.key, typed.shown.key], ['from-ticket', '••••••'])
  assert.not.ok(JSON.stringify(typed.rows).includes('from-ticket'))
})

test('a secret that is written into the mapping is warned of', () => {
  const x = {type: 'string', 'x-fp-secret': true}
  const {faults, shown} = mapOne('hunter2', {x})
  assert.equal(
    faults.map(({code, severity}) => [code, severity]),
    [['SECRET_WRITTEN', 'warning']],
  )
  assert.equal(shown, {x: '••••••'})
})

test('a secret has no other place', () => {
  const rows: [template: string, code: string][] = [
    ['{#secret.auth.password}', 'SECRET_PLACE'],
    ['{#config.auth.password}', 'SECRET_AS_CONFIG'],
    ['{#config.auth}', 'SECRET_AS_CONFIG'],
    ['{#secret.auth.user}', 'SECRET_UNKNOWN'],
    ['{#secret.auth.pasword}', 'SECRET_UNKNOWN'],
    ['{#config.prot}', 'CONFIG_UNKNOWN'],
  ]
  for (const [template, code] of rows) assert.is(mapOne(template).faults[0]?.code, code, template)
  const x = {type: 'string', 'x-fp-secret': true}
  assert.equal(mapOne('{#secret.auth.password}', {x}).faults, [])
  assert.is(mapOne('{#secret.auth.password|slice:0,3}', {x}).faults[0]?.code, 'SECRET_FILTERED')
  assert.is(mapOne('{#secret.auth.password|sha256}', {x}).faults[0]?.code, 'SECRET_FILTERED')
})

test.run()
