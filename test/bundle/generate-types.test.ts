import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {generateTypes} from '../../host/bundle/generate-types.ts'
import {isHostError} from '../../host/errors.ts'
import type {JsonSchema, Manifest} from '../../host/manifest.ts'
import {echoManifest} from '../support/echo-manifest.ts'

function manifestOf(input: JsonSchema, output: JsonSchema = {}, config?: JsonSchema): Manifest {
  const echo = {effect: 'read' as const, input, output, samples: []}
  return {...echoManifest, actions: {echo}, ...(config && {config: {schema: config}})}
}

/** Body of one interface, on one line. */
function findInterface(source: string, name: string): string | undefined {
  return new RegExp(`^export interface ${name} \\{(.*?)^\\}$`, 'ms').exec(source)?.[1]?.replace(/\s+/g, ' ').trim()
}

const test = suite('generate-types')

test('required properties are there, others may be missing', async () => {
  const properties = {a: {type: 'string'}, b: {type: ['integer', 'null']}, c: {enum: ['x', 'y']}}
  const source = await generateTypes(manifestOf({type: 'object', required: ['a'], properties}))
  assert.is(findInterface(source, 'EchoInput'), "a: string b?: number | null c?: 'x' | 'y'")
})

test('what has a default is always there for the plugin, but need not be answered by it', async () => {
  const schema = {type: 'object', properties: {port: {type: 'integer', default: 161}}}
  const source = await generateTypes(manifestOf(schema, schema, schema))
  assert.is(findInterface(source, 'EchoInput'), 'port: number')
  assert.is(findInterface(source, 'Config'), 'port: number')
  assert.is(findInterface(source, 'EchoOutput'), 'port?: number')
})

test('a default in one of several alternatives is not filled in', async () => {
  const branch = {type: 'object', properties: {port: {type: 'integer', default: 161}}}
  const source = await generateTypes(manifestOf({oneOf: [branch, {type: 'string'}]}))
  assert.match(source, /port\?: number/)
})

test('titles name no types: a label "URL" leaves the global one alone', async () => {
  const properties = {link: {type: 'string', title: 'URL'}, title: {type: 'string'}}
  const source = await generateTypes(manifestOf({type: 'object', properties}))
  assert.not.match(source, /type URL/)
  assert.is(findInterface(source, 'EchoInput'), 'link?: string title?: string')
})

test('equal names of definitions in two schemas stay apart, and may be recursive', async () => {
  const schema = (type: string): JsonSchema => ({
    type: 'object',
    properties: {node: {$ref: '#/$defs/node'}},
    $defs: {node: {type: 'object', properties: {value: {type}, next: {$ref: '#/$defs/node'}, top: {$ref: '#'}}}},
  })
  const source = await generateTypes(manifestOf(schema('string'), schema('number')))
  assert.is(findInterface(source, 'EchoInputNode'), 'value?: string next?: EchoInputNode top?: EchoInput')
  assert.is(findInterface(source, 'EchoOutputNode'), 'value?: number next?: EchoOutputNode top?: EchoOutput')
})

test('free objects, tuples and open objects keep their shape', async () => {
  const properties = {
    free: {type: 'object'},
    pair: {type: 'array', prefixItems: [{type: 'string'}, {type: 'number'}], items: false},
    words: {type: 'object', additionalProperties: {type: 'string'}},
    some: {type: 'array', minItems: 1, items: {type: 'string'}},
  }
  const source = await generateTypes(manifestOf({type: 'object', required: Object.keys(properties), properties}))
  const free = 'free: { [k: string]: unknown }'
  const words = 'words: { [k: string]: string }'
  assert.match(
    source.replace(/\/\*\*.*?\*\//gs, '').replace(/\s+/g, ' '),
    `${free} pair: [string, number] ${words} some: string[]`,
  )
})

test('actions whose names differ only in writing get types of their own', async () => {
  const {echo} = manifestOf({type: 'object', properties: {a: {type: 'string'}}}).actions
  const other = {...echo, input: {type: 'object', properties: {b: {type: 'string'}}}}
  const source = await generateTypes({...echoManifest, actions: {'say-it': echo, sayIt: other}} as Manifest)
  const [, first = ''] = /'say-it': \{\s+input: (\w+)/.exec(source) ?? []
  const [, second = ''] = /sayIt: \{\s+input: (\w+)/.exec(source) ?? []
  assert.equal([findInterface(source, first), findInterface(source, second)], ['a?: string', 'b?: string'])
})

test('a reference out of its own schema is refused with its place; no file and no server is asked', async () => {
  for (const $ref of ['http://127.0.0.1:1/x.json', './other.json', 'file:///etc/passwd']) {
    const error = await generateTypes(manifestOf({$ref})).catch((failure: unknown) => failure)
    assert.ok(isHostError(error, 'BUILD_FAILED'), $ref)
    assert.match(error.message, 'plugin.json /actions/echo/input: "$ref" must point into its own schema')
  }
})

test.run()
