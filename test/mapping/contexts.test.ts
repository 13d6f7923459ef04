import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import type {JsonSchema} from '../../host/manifest.ts'
import {mapOne, takeX} from './map-record.ts'

const test = suite('contexts')

const textOf = (context: string): JsonSchema => ({type: 'string', 'x-fp-context': context})

test('what an administrator wrote for the place goes in as it is: tables and configuration', () => {
  const tables = {ou: {rows: [{from: 'Sales', to: 'OU=Sales,DC=x'}]}, open: {rows: [], unmatched: 'pass' as const}}
  const x = textOf('ldap-dn')
  assert.is(takeX('CN=a,{#Subject|map:ou}', {subject: 'Sales', x, tables}), 'CN=a,OU=Sales,DC=x')
  assert.is(takeX('CN=a,{#Subject|map:open}', {subject: 'OU=Sales,DC=x', x, tables}), 'CN=a,OU\\=Sales\\,DC\\=x')
  assert.is(takeX('CN={#Name},{#config.base}', {x, record: {requester: {name: 'A,B'}}}), 'CN=A\\,B,OU=People,DC=x')
  assert.is(takeX('{#config.server}/u/{#Subject}', {x: textOf('url'), subject: 'a/b'}), 'https://x.test/api/u/a%2Fb')
  assert.is(takeX('CN={#config.auth.user}', {x, config: {auth: {user: 'a,b'}}}), 'CN=a\\,b')
})

test('a value that was escaped by hand is not escaped twice', () => {
  assert.is(takeX('CN={#Subject|dn}', {subject: 'a,b', x: textOf('ldap-dn')}), 'CN=a\\,b')
  assert.is(takeX('/{#Subject|url}', {subject: 'a b', x: textOf('url')}), '/a%20b')
  assert.is(takeX('/{#Subject|json}', {subject: 'a', x: textOf('url')}), '/%22a%22')
  assert.is(takeX('/{#Subject|url|upper}', {subject: 'é', x: textOf('url')}), '/%25C3%25A9')
})

test('each text within a list or an object is escaped for its own place', () => {
  const x = {
    type: 'object',
    properties: {dn: textOf('ldap-dn'), names: {type: 'array', items: textOf('html')}},
    additionalProperties: textOf('header'),
  }
  const take = (out: object, template = '{#steps.a.output}') =>
    mapOne(template, {x, steps: {a: {output: {...out}}}, row: {allowRaw: true}})
  assert.equal(take({dn: 'a,b', names: ['<'], y: 'ok'}).input.x, {dn: 'a\\,b', names: ['&lt;'], y: 'ok'})
  assert.match(take({y: 'a\nb'}).problems[0]?.message ?? '', /line break/)
  assert.equal(take({dn: 'a,b'}, '{#steps.a.output|raw}').input.x, {dn: 'a,b'})
  assert.match(take({y: 'a\nb'}, '{#steps.a.output|raw}').problems[0]?.message ?? '', /line break/)
})

test('a context that nobody knows takes no values', () => {
  assert.is(mapOne('echo {#Subject}', {x: textOf('shell')}).faults[0]?.code, 'CONTEXT_UNKNOWN')
  assert.equal(mapOne('echo', {x: textOf('shell')}).faults, [])
})

test.run()
