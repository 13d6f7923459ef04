import {suite} from 'uvu'
import {equal} from 'uvu/assert'
import {isHostError} from '../../host/errors.ts'
import {parseSettings} from '../../host/registry/parse-settings.ts'
import type {Json} from '../../runtime/protocol.ts'
import {echoManifest} from '../support/echo-manifest.ts'

const test = suite('parse-settings')
const action = {effect: 'read' as const, output: {}, samples: []}
const manifest = {
  ...echoManifest,
  actions: {
    order: {...action, input: {type: 'object', properties: {user: {type: 'string'}, 'a/b': {type: 'string'}}}},
    free: {...action, input: {}},
    open: {...action, input: {type: 'object', properties: {}, additionalProperties: {type: 'string'}}},
  },
}

/** Pointers of what is wrong. */
function judge(settings: Json): string[] {
  try {
    equal(parseSettings(settings, manifest), settings)
    return []
  } catch (error) {
    if (!isHostError(error, 'CONFIG_INVALID')) throw error
    return (error.details.problems as {pointer: string}[]).map(({pointer}) => pointer)
  }
}

test('every setting is taken within its range', () => {
  const settings: Json[] = [
    {},
    {concurrency: 1, notes: false},
    {throttle: {limit: 10, windowMs: 1000}},
    {lock: {order: ['user', 'a/b'], free: ['any'], open: ['any']}},
    {retry: {}},
    {retry: {on: ['network', 'auth'], max: 0, baseMs: 1}},
  ]
  for (const each of settings) equal(judge(each), [], JSON.stringify(each))
})

test('what is unknown, out of range or of another type is refused by its place', () => {
  const cases: [Json, ...string[]][] = [
    [[], '/settings'],
    [null, '/settings'],
    [{concurency: 1}, '/settings/concurency'],
    [{concurrency: 0}, '/settings/concurrency'],
    [{concurrency: 1.5}, '/settings/concurrency'],
    [{concurrency: '2'}, '/settings/concurrency'],
    [{throttle: {limit: 1}}, '/settings/throttle/windowMs'],
    [{throttle: {limit: 1, windowMs: 1}}, '/settings/throttle/windowMs'],
    [{retry: {on: ['sometimes']}}, '/settings/retry/on/0'],
    [{retry: {max: 101, every: 1}}, '/settings/retry/every', '/settings/retry/max'],
    [{lock: {order: []}}, '/settings/lock/order'],
    [{notes: 'yes', concurrency: 0}, '/settings/concurrency', '/settings/notes'],
  ]
  for (const [settings, ...pointers] of cases) equal(judge(settings).sort(), pointers, JSON.stringify(settings))
})

test('a lock names actions of the plugin and fields of their input', () => {
  equal(judge({lock: {orders: ['user']}}), ['/settings/lock/orders'])
  equal(judge({lock: {order: ['user', 'usr']}}), ['/settings/lock/order/1'])
  equal(judge({lock: {toString: ['length']}}), ['/settings/lock/toString'])
})

test.run()
