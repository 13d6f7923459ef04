import fc from 'fast-check'
import {suite} from 'uvu'
import {equal, is, not} from 'uvu/assert'
import {diffPermissions, effectivePermissions, joinPermissions} from '../../host/upgrade/diff-permissions.ts'
import {EFFECT_OPS, HOST_API_METHODS, type Permissions} from '../../runtime/protocol.ts'
import {echoManifest} from '../support/echo-manifest.ts'
import {NO_PERMISSIONS} from '../support/fixture-process.ts'

const test = suite('diff-permissions')
const allow = (change: Partial<Permissions>): Permissions => ({...NO_PERMISSIONS, ...change})

test('what is asked for beyond is told, and only that', () => {
  const before = allow({net: ['a.example'], exec: true, hostApi: ['kv.get'], effects: ['asset.update']})
  const after = allow({net: ['a.example', 'b.example'], workers: true, hostApi: ['kv.get', 'kv.set']})
  equal(diffPermissions(before, after), {
    added: {net: ['b.example'], workers: true, hostApi: ['kv.set']},
    removed: {exec: true, effects: ['asset.update']},
    grows: true,
  })
  equal(diffPermissions(after, after), {added: {}, removed: {}, grows: false})
})

test('an address that a wider one covers is nothing new', () => {
  const covered: [wide: string, narrow: string][] = [
    ['*', 'a.example'],
    ['*', '*.example'],
    ['*.example', 'a.example'],
    ['*.example', 'a.b.example:443'],
    ['*.example', '*.a.example'],
    ['a.example', 'a.example:443'],
    ['A.example', 'a.EXAMPLE'],
    ['[::1]', '[::1]:80'],
  ]
  for (const [wide, narrow] of covered)
    is(diffPermissions(allow({net: [wide]}), allow({net: [narrow]})).grows, false, narrow)
  const wider: [narrow: string, wide: string][] = [
    ['a.example', '*'],
    ['*.example', '*'],
    ['*.a.example', '*.example'],
    ['a.example', '*.a.example'],
    ['*.example', 'example'],
    ['*.example', 'badexample'],
    ['a.example:443', 'a.example'],
    ['a.example:443', 'a.example:80'],
    ['::1', '::1:80'],
  ]
  for (const [narrow, wide] of wider)
    is(diffPermissions(allow({net: [narrow]}), allow({net: [wide]})).grows, true, wide)
})

test('a program of its own may do whatever the server’s user may', () => {
  const manifest = {...echoManifest, permissions: {}, process: {command: ['python3']}}
  equal([effectivePermissions(manifest).net, effectivePermissions(manifest).exec], [['*'], true])
  equal(effectivePermissions({...echoManifest, permissions: {}}), NO_PERMISSIONS)
})

const host = fc.constantFrom('*', '*.example', 'a.example', 'b.example', 'a.example:443', '*.a.example')
const permissions: fc.Arbitrary<Permissions> = fc.record({
  net: fc.uniqueArray(host),
  exec: fc.boolean(),
  workers: fc.boolean(),
  addons: fc.boolean(),
  hostApi: fc.uniqueArray(fc.constantFrom(...HOST_API_METHODS)),
  effects: fc.uniqueArray(fc.constantFrom(...EFFECT_OPS)),
})

test('property: both joined cover each of them, and nothing grows beyond itself', () => {
  fc.assert(
    fc.property(permissions, permissions, (one, other) => {
      const both = joinPermissions(one, other)
      is(diffPermissions(both, one).grows, false)
      is(diffPermissions(both, other).grows, false)
      is(diffPermissions(one, one).grows, false)
      if (diffPermissions(one, other).grows) not.equal(both, one)
    }),
  )
})

test.run()
