import {suite} from 'uvu'
import {equal} from 'uvu/assert'
import {lintConditions} from '../../host/bundle/lint-conditions.ts'
import type {JsonSchema} from '../../host/manifest.ts'
import type {Json} from '../../runtime/protocol.ts'
import {sampleManifest} from '../support/bundle-files.ts'

const test = suite('lint-conditions')
const text = {type: 'string'}

/** `CODE field: detail` of each problem of a configuration with these properties. */
function lint(properties: JsonSchema): string[] {
  const config = {schema: {type: 'object', properties}}
  return lintConditions(sampleManifest({config})).map(
    ({code, place}) => `${code} ${place.replace('/config/schema/properties/', '')}`,
  )
}
const when = (condition: Json): JsonSchema => ({...text, 'x-fp-when': condition})

test('every documented form is taken', () => {
  const conditions: Json[] = [
    {field: 'a', in: ['x', 1, null]},
    {field: 'a', equal: false},
    {field: 'a', notEqual: 'x'},
    {field: 'a', startsWith: 'ldaps:'},
    {field: 'a', empty: true},
    {field: 'a', notEmpty: true},
    {all: [{field: 'a', equal: 1}, {any: [{field: 'a', empty: true}]}]},
  ]
  for (const condition of conditions) equal(lint({a: text, b: when(condition)}), [], JSON.stringify(condition))
})

test('what has no such form is refused', () => {
  const conditions: Json[] = [
    'a',
    {},
    {field: 'a'},
    {field: 1, equal: 1},
    {field: 'a', in: 'x'},
    {field: 'a', startsWith: 1},
    {field: 'a', empty: false},
    {field: 'a', equal: 1, notEqual: 2},
    {field: 'a', contains: 'x'},
    {all: []},
    {all: [{field: 'a', equal: 1}], field: 'a'},
    {any: [{field: 'a', like: 1}]},
  ]
  for (const condition of conditions) {
    equal(lint({a: text, b: when(condition)}), ['CONDITION_INVALID b/x-fp-when'], JSON.stringify(condition))
  }
})

test('a condition looks at fields beside it, at any depth', () => {
  equal(lint({b: when({field: 'a', equal: 1})}), ['CONDITION_FIELD_UNKNOWN b/x-fp-when'])
  const inner = {
    type: 'object',
    properties: {
      c: when({
        any: [
          {field: 'd', equal: 1},
          {field: 'a', equal: 1},
        ],
      }),
      d: text,
    },
  }
  equal(lint({a: text, b: inner}), ['CONDITION_FIELD_UNKNOWN b/properties/c/x-fp-when'])
})

test('fields may not hide one another in a circle; a chain is none', () => {
  const on = (field: string): JsonSchema => when({field, notEmpty: true})
  equal(
    lint({
      a: text,
      b: on('a'),
      c: on('b'),
      d: when({
        all: [
          {field: 'b', empty: true},
          {field: 'c', empty: true},
        ],
      }),
    }),
    [],
  )
  equal(lint({a: on('a')}), ['CONDITION_CIRCLE a/x-fp-when'])
  equal(lint({a: text, b: on('d'), c: on('b'), d: on('c')}), ['CONDITION_CIRCLE b/x-fp-when'])
})

test('choices depend on fields that are there', () => {
  const options = (dependsOn: Json): JsonSchema => ({...text, 'x-fp-options': {search: true, dependsOn}})
  equal(lint({a: text, b: options(['a'])}), [])
  equal(lint({a: {type: 'object', properties: {c: text}}, b: options(['a.c'])}), [])
  equal(lint({b: options(['a', 'b'])}), ['OPTIONS_INVALID b/x-fp-options/dependsOn/0'])
  equal(lint({b: options('a')}), ['OPTIONS_INVALID b/x-fp-options/dependsOn'])
  equal(lint({b: options([1])}), ['OPTIONS_INVALID b/x-fp-options/dependsOn/0'])
})

test.run()
