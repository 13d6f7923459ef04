import fc from 'fast-check'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {compileSchema, formatProblems} from '../../../host/schema.ts'
import {BUILT_IN_PROFILES} from '../built-in-profiles.ts'
import type {ConfigProfile} from '../plugin.types.ts'
import {chooseProfile, resolveProfiles} from '../profiles.ts'
import {failureOf, makeConfig, manifest} from './call.ts'

const test = suite('profiles')
const own = (...profiles: object[]): ConfigProfile[] => makeConfig({profiles}).profiles
const choose = (oid: string | undefined, ...profiles: object[]): [id: string, pattern: string] => {
  const {profile, pattern} = chooseProfile(resolveProfiles(own(...profiles)), oid)
  return [profile.id, pattern]
}
const refusal = (...profiles: object[]): ReturnType<typeof failureOf> =>
  failureOf(Promise.resolve().then(() => resolveProfiles(own(...profiles))))

test('the built-in profiles keep the rules that an administrator has to keep', () => {
  const schema = manifest.config?.schema ?? {}
  const problems = compileSchema(schema)({profiles: structuredClone(BUILT_IN_PROFILES)})
  assert.is(formatProblems(problems), '')
  const ids = BUILT_IN_PROFILES.map(profile => profile.id)
  assert.equal(ids, [...new Set(ids)])
  const patterns = BUILT_IN_PROFILES.flatMap(profile => profile.sysObjectId ?? [])
  assert.equal(patterns, [...new Set(patterns)])
  assert.is(resolveProfiles([]).length, ids.length)
})

test('the longest pattern that fits wins, and an exact one before a wildcard', () => {
  assert.equal(choose('1.3.6.1.4.1.9.1.1208'), ['cisco', '1.3.6.1.4.1.9.*'])
  assert.equal(choose('1.3.6.1.4.1.8072.3.2.10'), ['linux', '1.3.6.1.4.1.8072.3.2.10'])
  assert.equal(choose('1.3.6.1.4.1.8072.3.2.3'), ['net-snmp', '1.3.6.1.4.1.8072.3.2.*'])
  assert.equal(choose('1.3.6.1.4.1.11.2.3.9.1'), ['hp-printer', '1.3.6.1.4.1.11.2.3.9.*'])
  assert.equal(choose('1.3.6.1.4.1.11.2.3.7.11.160'), ['hp-switch', '1.3.6.1.4.1.11.2.3.7.*'])
  const pair = [
    {id: 'a', sysObjectId: ['1.3.6.1.4.1.99.*']},
    {id: 'b', sysObjectId: ['.1.3.6.1.4.1.99.1']},
  ]
  assert.equal(choose('1.3.6.1.4.1.99.1', ...pair), ['b', '1.3.6.1.4.1.99.1'])
  assert.equal(choose('1.3.6.1.4.1.99.1.1', ...pair), ['a', '1.3.6.1.4.1.99.*'])
})

test('a wildcard ends at a whole number: 9.* is not for 91', () => {
  assert.is(choose('1.3.6.1.4.1.91.1')[0], 'generic')
  assert.is(choose('1.3.6.1.4.1.9')[0], 'cisco', 'the enterprise itself')
})

test('an own profile wins over a built-in one of the same pattern, and replaces one of the same id', () => {
  assert.equal(choose('1.3.6.1.4.1.9.1', {id: 'mine', sysObjectId: ['1.3.6.1.4.1.9.*']})[0], 'mine')
  assert.is(choose('1.3.6.1.4.1.9.1', {id: 'cisco', sysObjectId: ['1.3.6.1.4.1.99999.*']})[0], 'generic')
  assert.is(choose('1.3.6.1.4.1.99999.1', {id: 'rest', sysObjectId: ['*']})[0], 'rest')
})

test('what no profile names, or what hides its sysObjectID, is read as generic, and the reason says so', () => {
  assert.equal(choose('1.3.6.1.4.1.99999.1'), ['generic', '*'])
  const hidden = chooseProfile(resolveProfiles([]), undefined)
  assert.equal([hidden.profile.id, hidden.pattern], ['generic', '*'])
  assert.match(hidden.reason, 'does not tell its sysObjectID')
})

test('extends takes over attributes and tables; own ones win in their place', () => {
  const [base, child] = [
    {
      id: 'base',
      assetType: 'hardware$x',
      manufacturer: 'Base',
      attributes: [
        {name: 'a', value: 1},
        {name: 'b', value: 2},
      ],
    },
    {
      id: 'child',
      extends: ['base'],
      manufacturer: 'Child',
      attributes: [
        {name: 'a', value: 3},
        {name: 'c', value: 4},
      ],
    },
  ]
  const found = resolveProfiles(own(child, base)).find(profile => profile.id === 'child')
  assert.equal(found?.attributes, [
    {name: 'a', value: 3},
    {name: 'b', value: 2},
    {name: 'c', value: 4},
  ])
  assert.equal([found?.assetType, found?.manufacturer, found?.lineage], ['hardware$x', 'Child', ['child', 'base']])
})

test('a profile that cannot work is refused with its place', async () => {
  const cycle = await refusal({id: 'a', extends: ['b']}, {id: 'b', extends: ['a']})
  assert.match(cycle.message, 'extends itself')
  assert.is(cycle.category, 'config')
  const self = await refusal({id: 'a', extends: ['a']})
  assert.match(self.message, 'extends itself')
  const unknown = await refusal({id: 'ok'}, {id: 'a', extends: ['generic', 'nowhere']})
  assert.is(unknown.field, '/profiles/1/extends/1')
  assert.match((await refusal({id: 'a'}, {id: 'a'})).message, 'two called "a"')
  assert.match((await refusal({id: 'a', attributes: [{name: 'x'}]})).message, 'needs one of')
  const from = {table: 'interfaces', column: 'nothing'}
  assert.match(
    (await refusal({id: 'a', extends: ['interfaces'], attributes: [{name: 'x', from}]})).message,
    '"nothing"',
  )
  assert.match((await refusal({id: 'a', attributes: [{name: 'x', from}]})).message, 'does not have')
})

test('of any patterns the chosen one fits, and no fitting one is longer', () => {
  const arcs = fc.array(fc.integer({min: 1, max: 3}), {minLength: 0, maxLength: 4})
  const write = (parts: readonly number[]): string => ['1.3', ...parts].join('.')
  const pattern = fc.tuple(arcs, fc.boolean()).map(([parts, open]) => `${write(parts)}${open ? '.*' : ''}`)
  fc.assert(
    fc.property(fc.uniqueArray(pattern, {minLength: 1, maxLength: 12}), arcs, (patterns, parts) => {
      const oid = write(parts)
      const profiles = resolveProfiles(
        own(...patterns.map((sysObjectId, index) => ({id: `p${index}`, sysObjectId: [sysObjectId]}))),
      )
      const {pattern: chosen} = chooseProfile(profiles, oid)
      const beginnings = [...parts.keys(), parts.length].map(length => `${write(parts.slice(0, length))}.*`)
      const expected = [oid, ...beginnings.toReversed()].find(candidate => patterns.includes(candidate)) ?? '*'
      assert.is(chosen, expected)
    }),
  )
})

test.run()
