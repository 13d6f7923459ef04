import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {lintManifest} from '../../host/bundle/lint-manifest.ts'
import {isSecretName} from '../../host/bundle/lint-secrets.ts'
import {verifyFolder} from '../../host/bundle/verify-folder.ts'
import type {JsonSchema, Manifest} from '../../host/manifest.ts'
import {sampleFiles, sampleManifest, writeFiles} from '../support/bundle-files.ts'
import {deadline} from '../support/deadline.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('lint-manifest')
const FILES = new Set(Object.keys(sampleFiles()))

/** `CODE place` of each problem of the sample with changes. */
function lint(changes: Partial<Manifest>, files: ReadonlySet<string> = FILES): string[] {
  return lintManifest(sampleManifest(changes), files).map(({code, place}) => `${code} ${place}`)
}

function lintConfig(properties: JsonSchema, more: Partial<NonNullable<Manifest['config']>> = {}): string[] {
  return lint({config: {schema: {type: 'object', properties}, ...more}})
}

function lintAction(changes: Partial<Manifest['actions'][string]>): string[] {
  const hello = sampleManifest().actions.hello
  return hello ? lint({actions: {hello: {...hello, ...changes}}}) : []
}

const text = {type: 'string'}

test('the sample has no problem', () => assert.equal(lint({}), []))

test('files that are named must be there and of their kind', () => {
  assert.equal(lint({entry: 'gone.js', docs: 'gone.md', icon: 'gone.svg'}), [
    'FILE_MISSING /entry',
    'FILE_MISSING /docs',
    'FILE_MISSING /icon',
  ])
  assert.equal(lint({docs: 'main.js', icon: 'main.js'}), ['FILE_TYPE /docs', 'FILE_TYPE /icon'])
  assert.equal(lint({process: {command: ['python3', '-u', '{bundle}/gone.py']}}), ['FILE_MISSING /process/command/2'])
})

test('a TypeScript entry is for source folders only', () => {
  const files = new Set(['main.ts'])
  assert.equal(lint({entry: 'main.ts'}, files), ['ENTRY_NOT_BUILT /entry'])
  assert.equal(lintManifest(sampleManifest({entry: 'main.ts'}), files, {source: true}), [])
})

test('ids and versions that the schema’s patterns let through are judged too', () => {
  assert.equal(lint({id: 'nul'}), ['ID_RESERVED /id'])
  assert.equal(lint({id: 'con.example'}), ['ID_RESERVED /id'])
  assert.equal(lint({version: '1.0.0-..'}), ['VERSION_INVALID /version'])
})

test('every schema must be one of 2020-12', () => {
  const wrong = {type: 'objekt'}
  assert.equal(lintAction({input: wrong, output: {$ref: '#/$defs/none'}}), [
    'SCHEMA_INVALID /actions/hello/input',
    'SCHEMA_INVALID /actions/hello/output',
  ])
  assert.equal(lint({config: {schema: {$schema: 'http://json-schema.org/draft-04/schema#'}}}), [
    'SCHEMA_INVALID /config/schema',
  ])
})

test('an asynchronous schema, which would accept everything, is refused', () => {
  assert.equal(lintAction({input: {$async: true, type: 'object', required: ['x']}}), [
    'SCHEMA_ASYNC /actions/hello/input/$async',
  ])
})

test('a misspelt annotation is refused, a property of that name is not', () => {
  assert.equal(lintConfig({password: {...text, 'x-fp-secret': true, 'x-fp-secert': true}}), [
    'ANNOTATION_UNKNOWN /config/schema/properties/password/x-fp-secert',
  ])
  assert.equal(lintConfig({'x-fp-secert': text}), [])
})

test('samples must fit their schemas', () => {
  const schema = {type: 'object', required: ['name'], properties: {name: text}}
  const samples = [
    {title: 'good', input: {name: 'Ann'}, output: {name: 'Ann'}},
    {title: 'bad', input: {}, output: {name: 1}},
  ]
  assert.equal(lintAction({input: schema, output: schema, samples}), [
    'SAMPLE_INVALID /actions/hello/samples/1/input',
    'SAMPLE_INVALID /actions/hello/samples/1/output',
  ])
})

test('checking samples leaves them as they are', () => {
  const manifest = sampleManifest()
  const hello = manifest.actions.hello
  if (hello) hello.input = {type: 'object', properties: {name: {default: 'Ann'}}}
  assert.equal(lintManifest(manifest, FILES), [])
  assert.equal(hello?.samples, [{title: 'nothing', input: {}}])
})

test('a pattern that takes for ever on a sample is stopped', () =>
  deadline(20_000, async () => {
    const input = {type: 'string', pattern: '^(a+)+$'}
    const samples = [{title: 'evil', input: `${'a'.repeat(50)}b`}]
    assert.equal(lintAction({input, samples}), ['SCHEMA_TOO_SLOW /actions/hello/samples/0/input'])
  }))

test('a field that looks like a secret must say whether it is one', () => {
  assert.equal(lintConfig({server: text, password: text}), ['SECRET_UNMARKED /config/schema/properties/password'])
  assert.equal(lintConfig({password: {...text, 'x-fp-secret': true}}), [])
  assert.equal(lintConfig({tokenUrl: {...text, 'x-fp-secret': false}}), [])
  assert.equal(lintConfig({passwordLength: {type: 'integer'}, tokenType: {enum: ['a', 'b']}}), [])
  assert.equal(lintConfig({login: {...text, format: 'password'}}), ['SECRET_UNMARKED /config/schema/properties/login'])
  assert.equal(lintConfig({tokens: {type: 'array', items: text}}), ['SECRET_UNMARKED /config/schema/properties/tokens'])
})

test('a secret is found wherever the schema hides it', () => {
  const nested = {auth: {type: 'object', oneOf: [{properties: {apiKey: text}}]}}
  assert.equal(lintConfig(nested), ['SECRET_UNMARKED /config/schema/properties/auth/oneOf/0/properties/apiKey'])
  const schema = {properties: {password: {$ref: '#/$defs/secret'}}, $defs: {secret: {...text, 'x-fp-secret': true}}}
  assert.equal(lint({config: {schema}}), [])
})

test('names of secrets are told by whole words', () => {
  const secrets =
    'password clientSecret client_secret API_KEY apiKey APIKey privateKey bindPsw auth-tokens userPass oauth2Token'
  for (const name of secrets.split(' ')) assert.ok(isSecretName(name), name)
  const others = 'server tokenizer keyboard secretary passthrough bypass compass monkey key publicKey address'
  for (const name of others.split(' ')) assert.not.ok(isSecretName(name), name)
})

test('fields named beside the schema must be in it', () => {
  const ui = {groups: [{fields: ['server', 'gone']}], order: ['lost'], showWhen: {server: {field: 'away'}}}
  assert.equal(lintConfig({server: text}, {uniqueId: ['server', 'none'], ui}), [
    'FIELD_UNKNOWN /config/uniqueId/1',
    'FIELD_UNKNOWN /config/ui/groups/0/fields/1',
    'FIELD_UNKNOWN /config/ui/order/0',
    'FIELD_UNKNOWN /config/ui/showWhen/server/field',
  ])
})

test('a lock is on fields that the input may have', () => {
  const properties = {user: text}
  assert.equal(lintAction({input: {type: 'object', properties}, lock: ['user', 'gone']}), [
    'LOCK_FIELD_UNKNOWN /actions/hello/lock/1',
  ])
  assert.equal(lintAction({input: {type: 'object'}, lock: ['user']}), [])
  assert.equal(lintAction({input: {type: 'object', properties, additionalProperties: text}, lock: ['more']}), [])
})

test('http.fetch needs hosts to fetch from', () => {
  assert.equal(lint({permissions: {hostApi: ['kv.get', 'http.fetch']}}), [
    'PERMISSION_NEEDS_NET /permissions/hostApi/1',
  ])
  assert.equal(lint({permissions: {hostApi: ['http.fetch'], net: ['*']}}), [])
})

test('a source folder is judged like a bundle, without what is not the plugin’s own', () =>
  withTempFolder(async folder => {
    await writeFiles(folder, {
      ...sampleFiles({entry: 'main.ts'}),
      'main.ts': '',
      'node_modules/x/y.js': '',
      '.git/config': '',
    })
    const {problems, files, manifest} = await verifyFolder(folder)
    assert.equal(problems, [])
    assert.is(manifest?.id, 'com.example.sample')
    assert.equal([...files].sort(), ['assets/greeting.txt', 'main.js', 'main.ts', 'plugin.json'])
    await mkdir(join(folder, 'empty'))
    assert.equal(
      (await verifyFolder(join(folder, 'empty'))).problems.map(({code}) => code),
      ['MANIFEST_MISSING'],
    )
  }))

test.run()
