import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {listProblems} from '../../host/bundle/bundle-problems.ts'
import {parseManifest, readManifest} from '../../host/bundle/parse-manifest.ts'
import {HostError} from '../../host/errors.ts'
import type {Manifest} from '../../host/manifest.ts'
import {sampleManifest} from '../support/bundle-files.ts'

const test = suite('parse-manifest')

/** `CODE place message` of each problem of the sample with one line of text replaced. */
function problemsOf(from: string, to: string): string[] {
  const text = JSON.stringify(sampleManifest(), null, 2)
  assert.ok(text.includes(from))
  return readManifest(text.replace(from, to)).problems.map(({code, place, message}) => `${code} ${place} ${message}`)
}

test('a manifest is given as its author wrote it, without defaults', () => {
  const manifest: Manifest = sampleManifest({process: {memoryMb: 100}})
  assert.equal(parseManifest(JSON.stringify(manifest)), manifest)
  assert.equal(parseManifest(`\ufeff${JSON.stringify(manifest)}`), manifest)
})

test('an unknown key is refused with its position', () => {
  assert.equal(problemsOf('"name":', '"colour": "red",\n  "name":'), [
    'MANIFEST_KEY_UNKNOWN /colour is not a known key: plugin.json line 5, column 3',
  ])
})

test('an unknown key within is refused with its pointer', () => {
  assert.equal(problemsOf('"effect":', '"a/b~c": 1, "effect":'), [
    'MANIFEST_KEY_UNKNOWN /actions/hello/a~1b~0c is not a known key: plugin.json line 13, column 7',
  ])
})

test('every problem is told, each once', () => {
  const {problems} = readManifest(JSON.stringify({...sampleManifest(), id: 'Bad Id', fp: 2, kinds: [], nope: 1}))
  assert.equal(problems.map(({place}) => place).sort(), ['/fp', '/id', '/kinds', '/nope'])
})

test('a key that is missing is told where it should be', () => {
  assert.equal(problemsOf('"effect": "read",', ''), [
    'MANIFEST_SCHEMA /actions/hello/effect does not fit: is required, plugin.json line 12, column 5',
  ])
})

test('neither entry nor command, or both, is one problem', () => {
  const {entry: _, ...without} = sampleManifest()
  const command = {process: {command: ['python3', 'x.py']}}
  for (const manifest of [without, {...without, process: {}}, {...sampleManifest(), ...command}]) {
    const {problems} = readManifest(JSON.stringify(manifest))
    assert.equal(
      problems.map(({code}) => code),
      ['MANIFEST_ENTRY_CHOICE'],
    )
  }
  assert.equal(readManifest(JSON.stringify({...without, ...command})).problems, [])
})

test('text that is not JSON is refused with its position', () => {
  assert.equal(problemsOf('"fp": 1,', '"fp": 1'), [
    'MANIFEST_SYNTAX  is not JSON: comma expected, plugin.json line 3, column 3',
  ])
  assert.match(problemsOf('"fp": 1,', '"fp": 1, // one').join(), 'MANIFEST_SYNTAX')
  assert.match(problemsOf('"fp": 1,', "'fp': 1,").join(), 'MANIFEST_SYNTAX')
  for (const text of ['', ' ', '{', '[]]', 'nul', '{"a":1}{}']) assert.ok(readManifest(text).problems.length > 0, text)
})

test('a key that is there twice is refused', () => {
  assert.equal(problemsOf('"fp": 1,', '"fp": 1,\n  "fp": 1,'), [
    'MANIFEST_KEY_TWICE /fp is there twice: plugin.json line 3, column 3',
  ])
})

test('__proto__ and constructor are refused wherever they are', () => {
  for (const key of ['__proto__', 'constructor', '\\u005f_proto__']) {
    assert.match(
      problemsOf('"type": "object"', `"${key}": {"x": 1}`).join(),
      /^MANIFEST_KEY_FORBIDDEN \/actions\/hello\/input\//,
    )
  }
})

test('nesting beyond 64 levels is refused without recursion', () => {
  const deep = '[{"":'.repeat(500_000).slice(0, 1024 * 1024 - 1)
  assert.equal(
    readManifest(deep).problems.map(({code}) => code),
    ['MANIFEST_TOO_DEEP'],
  )
  const brackets = problemsOf('"summary": "A plugin to try bundles with"', `"summary": "${'['.repeat(100)}"`)
  assert.equal(brackets, [])
})

test('a manifest of over 1 MiB is refused', () => {
  assert.equal(
    readManifest(' '.repeat(1024 * 1024 + 1)).problems.map(({code}) => code),
    ['MANIFEST_TOO_LARGE'],
  )
})

test('parsing throws MANIFEST_INVALID with all problems', () => {
  try {
    parseManifest('{"fp": 3}', 'there.json')
    assert.unreachable()
  } catch (error) {
    assert.ok(error instanceof HostError && error.code === 'MANIFEST_INVALID')
    assert.ok((listProblems(error) ?? []).length > 5)
    assert.match(error.message, 'there.json line 1, column 2')
  }
})

test.run()
