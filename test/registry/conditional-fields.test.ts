import fc from 'fast-check'
import {suite} from 'uvu'
import {equal, is} from 'uvu/assert'
import type {JsonSchema} from '../../host/manifest.ts'
import {relaxConditions, settleConditions} from '../../host/registry/conditional-fields.ts'
import {judgeConfig} from '../../host/registry/parse-config.ts'
import {SECRET_MASK} from '../../host/types.ts'
import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {describePlugin} from '../support/registry.ts'

const test = suite('conditional-fields')
const text = {type: 'string'}
const when = (condition: Json, more: JsonObject = {}): JsonObject => ({...text, ...more, 'x-fp-when': condition})

const AUTH: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['type', 'username', 'password'],
  properties: {
    type: {enum: ['none', 'basic', 'bearer'], default: 'none'},
    username: when({field: 'type', equal: 'basic'}),
    password: when({field: 'username', notEmpty: true}, {'x-fp-secret': true}),
    token: when({field: 'type', in: ['bearer']}, {'x-fp-secret': true, default: 'anonymous'}),
  },
}
const plugin = describePlugin('p', {
  type: 'object',
  additionalProperties: false,
  properties: {auth: {...AUTH, default: {}}, more: {type: 'array', items: AUTH}},
})

function judge(config: JsonObject, kept: JsonObject = {}): {config: JsonObject; problems: string[]} {
  const {config: settled, problems} = judgeConfig(plugin, config, {kept})
  return {config: settled, problems: problems.map(({pointer, message}) => `${pointer} ${message}`)}
}

test('a hidden field is not required, and its value is dropped with its default', () => {
  equal(judge({}), {config: {auth: {type: 'none'}}, problems: []})
  equal(judge({auth: {type: 'none', username: 'u', password: 'left', token: 't'}}), {
    config: {auth: {type: 'none'}},
    problems: [],
  })
})

test('a shown field is required, and has its default', () => {
  equal(judge({auth: {type: 'bearer'}}).config, {auth: {type: 'bearer', token: 'anonymous'}})
  equal(judge({auth: {type: 'basic'}}).problems, ['/auth/username is required'])
  equal(judge({auth: {type: 'basic', username: 'u'}}).problems, ['/auth/password is required'])
  equal(judge({auth: {type: 'basic', username: 'u', password: 'p'}}).problems, [])
})

test('each item of a list has conditions of its own', () => {
  const {config, problems} = judge({more: [{type: 'bearer', username: 'x'}, {type: 'basic'}, {}]})
  equal(config.more, [{type: 'bearer', token: 'anonymous'}, {type: 'basic'}, {type: 'none'}])
  equal(problems, ['/more/1/username is required'])
})

test('the mask of a hidden secret asks for nothing; of a shown one it must have a stored value', () => {
  equal(judge({auth: {type: 'none', password: SECRET_MASK}}).problems, [])
  const kept = {auth: {type: 'basic', username: 'u', password: 'kept'}}
  const next = {auth: {type: 'basic', username: 'v', password: SECRET_MASK}}
  equal(judge(next, kept).config, {auth: {type: 'basic', username: 'v', password: 'kept'}})
  equal(judge(next).problems, ['/auth/password has no stored value to keep: enter it'])
})

test('a problem that is not about hiding is still found', () => {
  equal(judge({auth: {type: 'other'}}).problems.length, 1)
  equal(judge({auth: {type: 'none', other: 1}}).problems, ['/auth/other is not a known key'])
  equal(judge({auth: {type: 'basic', username: 1, password: 'p'}}).problems, ['/auth/username must be string'])
})

test('references and allOf are followed, and a circle ends', () => {
  const schema: JsonSchema = {
    allOf: [{properties: {a: text, b: when({field: 'a', notEmpty: true})}}],
    properties: {c: {$ref: '#/$defs/c'}, x: when({field: 'y', notEmpty: true}), y: when({field: 'x', notEmpty: true})},
    $defs: {c: {type: 'object', properties: {d: text, e: when({field: 'd', equal: '1'})}}},
  }
  equal(settleConditions(schema, {b: '1', c: {d: '2', e: 'x'}, x: 'x', y: 'y'}), {
    config: {c: {d: '2'}, x: 'x', y: 'y'},
    hidden: ['/b', '/c/e'],
    missing: [],
  })
})

test('a malformed condition of an older bundle hides nothing', () => {
  for (const condition of ['x', {field: 'a'}, {field: 'a', like: 1}, null, 7]) {
    const schema = {properties: {a: text, b: when(condition)}}
    equal(settleConditions(schema, {b: '1'}).config, {b: '1'}, JSON.stringify(condition))
  }
})

test('a schema without conditions is left alone, and a property may have any name', () => {
  const plain = {properties: {a: text}}
  is(relaxConditions(plain), plain)
  const odd = {
    required: ['required', 'properties'],
    properties: {
      required: {type: 'string'},
      properties: {...text, default: 'd', 'x-fp-when': {field: 'required', notEmpty: true}},
      __proto__x: text,
    },
  }
  equal(relaxConditions(odd).required, ['required'])
  equal(settleConditions(odd, {required: ''}).config, {required: ''})
  equal(settleConditions(odd, {required: 'r'}).config, {required: 'r', properties: 'd'})
})

test('settling a settled configuration changes nothing, whatever it held', () => {
  const field = fc.option(fc.constantFrom('none', 'basic', 'bearer', '', 'x'), {nil: undefined})
  const config = fc.record(
    {type: field, username: field, password: field, token: field, other: fc.jsonValue()},
    {requiredKeys: []},
  )
  fc.assert(
    fc.property(config, given => {
      const clean = JSON.parse(JSON.stringify(given)) as JsonObject
      const once = settleConditions(AUTH, clean)
      const twice = settleConditions(AUTH, once.config)
      equal(twice.config, once.config)
      for (const place of once.hidden) is(Object.hasOwn(once.config, place.slice(1)), false)
    }),
  )
})

test.run()
