import fc from 'fast-check'
import {suite} from 'uvu'
import {equal, is} from 'uvu/assert'
import {compileSchema} from '../../host/schema.ts'
import {diffManifests, diffSchemas} from '../../host/upgrade/diff-schemas.ts'
import type {JsonObject} from '../../runtime/protocol.ts'
import {echoManifest} from '../support/echo-manifest.ts'

const test = suite('diff-schemas')
const text = {type: 'string'}
const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({type: 'object', properties, ...more})

/** `field change detail`, with `!` for what breaks. */
function tell(before: JsonObject, after: JsonObject, direction: 'given' | 'taken' = 'given'): string[] {
  return diffSchemas('config', before, after, direction).map(({field, change, detail, breaking}) =>
    [field, change + (breaking ? '!' : ''), detail].join(' ').trim(),
  )
}

test('fields that come and go', () => {
  equal(tell(object({a: text}), object({a: text, b: text})), ['/b added'])
  equal(tell(object({}), object({b: text}, {required: ['b']})), ['/b added! it is required'])
  equal(tell(object({}), object({b: {...text, default: ''}}, {required: ['b']})), ['/b added'])
  equal(tell(object({b: text}), object({})), ['/b removed! it is not looked at any more'])
  const closed = {additionalProperties: false}
  equal(tell(object({b: text}, closed), object({}, closed)), ['/b removed! it is refused now'])
  equal(tell(object({b: text}), object({}), 'taken'), ['/b removed! it is not told any more'])
  equal(tell(object({}), object({b: text}, {required: ['b']}), 'taken'), ['/b added'])
  equal(
    tell(object({a: object({b: text})}), object({})),
    ['/a removed! it is not looked at any more'],
    'not each of its fields',
  )
})

test('fields that become required or optional', () => {
  const [optional, required] = [object({a: text}), object({a: text}, {required: ['a']})]
  equal(tell(optional, required), ['/a required! it was optional'])
  equal(tell(required, optional), ['/a optional it was required'])
  equal(tell(optional, required, 'taken'), ['/a required it was optional'])
  equal(tell(required, optional, 'taken'), ['/a optional! it was required'])
})

test('types: wider is fine for what is given, narrower for what is taken', () => {
  const [integer, number, any, both] = [{type: 'integer'}, {type: 'number'}, {}, {type: ['string', 'integer']}]
  equal(tell(integer, number), ['typeChanged integer -> number'])
  equal(tell(number, integer), ['typeChanged! number -> integer'])
  equal(tell(integer, number, 'taken'), ['typeChanged! integer -> number'])
  equal(tell(integer, both), ['typeChanged integer -> integer or string'])
  equal(tell(any, text), ['typeChanged! any -> string'])
  equal(tell(text, any), ['typeChanged string -> any'])
  equal(tell(text, {type: 'boolean'}, 'taken'), ['typeChanged! string -> boolean'])
})

test('values and limits that become tighter', () => {
  equal(tell(text, {...text, enum: ['a', 'b']}), ['narrowed! only "a", "b"'])
  equal(tell({enum: ['a', 'b']}, {enum: ['b', 'c']}), ['narrowed! no longer "a"'])
  equal(tell({enum: ['a']}, {enum: ['a', 'b']}), [])
  equal(tell({const: 1}, {const: 2}), ['narrowed! no longer 1'])
  equal(tell({...text, maxLength: 5}, {...text, maxLength: 4}), ['narrowed! maxLength 4'])
  equal(tell({...text, maxLength: 5}, {...text, maxLength: 6}), [])
  equal(tell({...text, minLength: 1}, {...text, minLength: 2}), ['narrowed! minLength 2'])
  equal(tell(text, {...text, pattern: '^a'}), ['narrowed! pattern "^a"'])
  equal(tell({...text, pattern: '^a'}, text), [])
  equal(tell(object({}), object({}, {additionalProperties: false})), ['narrowed! other keys are refused'])
  equal(tell(text, {...text, maxLength: 3}, 'taken'), ['narrowed maxLength 3'])
})

test('lists, references and parts that apply together are looked into', () => {
  const list = (item: JsonObject): JsonObject => object({all: {type: 'array', items: item}})
  equal(tell(list(object({a: text})), list(object({}))), ['/all/*/a removed! it is not looked at any more'])
  const referred: JsonObject = {...object({a: {$ref: '#/$defs/A'}}), $defs: {A: object({b: text})}}
  equal(tell(referred, object({a: object({b: text})})), [])
  equal(tell({allOf: [object({a: text}), {required: ['a']}]}, object({a: text}, {required: ['a']})), [])
  const endless: JsonObject = {...object({next: {$ref: '#'}})}
  equal(tell(endless, endless), [])
  equal(tell(object({'a/b': text}), object({})), ['/a~1b removed! it is not looked at any more'])
})

test('of two manifests: the actions that came and went, and what changed in the others', () => {
  const action = {effect: 'read' as const, input: object({a: text}), output: object({}), samples: []}
  const before = {...echoManifest, actions: {stays: action, goes: action}}
  const after = {...echoManifest, actions: {stays: {...action, output: object({b: text})}, comes: action}}
  equal(diffManifests(before, after), {
    actions: {added: ['comes'], removed: ['goes']},
    schemas: [{place: 'actions/stays/output', field: '/b', change: 'added', detail: '', breaking: false}],
  })
})

const scalar: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.constantFrom<JsonObject>({type: 'string'}, {type: 'integer'}, {type: 'number'}, {type: 'boolean'}, {}),
  fc.record({type: fc.constant('string'), maxLength: fc.integer({min: 0, max: 4})}),
  fc.record({type: fc.constant('integer'), minimum: fc.integer({min: -3, max: 3})}),
  fc.uniqueArray(fc.constantFrom('a', 'bb', 1), {minLength: 1}).map((values): JsonObject => ({enum: values})),
)
const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'))
const schema: fc.Arbitrary<JsonObject> = fc
  .tuple(fc.dictionary(fc.constantFrom('a', 'b', 'c'), scalar), names, fc.boolean())
  .map(([properties, required, closed]) => ({
    type: 'object',
    properties,
    required: required.filter(name => Object.hasOwn(properties, name)),
    ...(closed && {additionalProperties: false}),
  }))
const value = fc.dictionary(
  fc.constantFrom('a', 'b', 'c'),
  fc.oneof(fc.string({maxLength: 5}), fc.integer({min: -4, max: 4}), fc.boolean(), fc.constantFrom('a', 'bb', 1, 1.5)),
)

/** What a careful author changes: a field that need not be there any more, one more that may be, wider limits. */
function loosen({properties, required, ...rest}: JsonObject): JsonObject {
  const wider = Object.entries(properties as {[name: string]: JsonObject}).map(([name, {minimum, ...field}]) => [
    name,
    {...field, ...(typeof minimum === 'number' && {minimum: minimum - 1})},
  ])
  return {...rest, properties: Object.fromEntries(wider), required: (required as string[]).slice(1)}
}
const pair = fc
  .tuple(schema, schema, fc.boolean())
  .map(([before, other, isLoosened]) => [before, isLoosened ? loosen(before) : other] as const)

test('property: where nothing is told to break, every value that fitted still does', () => {
  let breaking = 0
  fc.assert(
    fc.property(pair, fc.array(value, {minLength: 10, maxLength: 20}), ([before, after], values) => {
      const breaks = diffSchemas('config', before, after).some(change => change.breaking)
      if (breaks) breaking++
      const [was, now] = [compileSchema(before), compileSchema(after)]
      // A key that the schema before does not name is no field of it: one that is added later may well be narrower.
      const known = Object.keys(before.properties as JsonObject)
      const named = values.filter(one => Object.keys(one).every(key => known.includes(key)))
      const fitted = named.filter(one => was(structuredClone(one)).length === 0)
      if (!breaks) is(fitted.filter(one => now(structuredClone(one)).length > 0).length, 0)
    }),
    {numRuns: 60},
  )
  is(breaking > 0 && breaking < 60, true, `${breaking} of 60 break`)
})

test.run()
