import {existsSync, globSync, statSync} from 'node:fs'
import {dirname, join, relative} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {listSettings} from '../../host/config.ts'
import {ERRORS} from '../../host/errors.ts'
import manifestSchema from '../../host/plugin.schema.json' with {type: 'json'}
import {ANNOTATIONS} from '../../host/schema.ts'
import {ERROR_CATEGORIES, HOST_API_METHODS, METHODS, RPC_CODES, WIRE_LIMITS} from '../../runtime/protocol.ts'
import {listAnchors, listLinks, listPages, readCode, readPage, readSection, readTable} from '../support/markdown.ts'
import {renderTables} from '../support/render-tables.ts'

const test = suite('docs')
const root = join(import.meta.dirname, '../..')

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort()
const codeOf = (cell = ''): string => readCode(cell)[0] ?? ''

test('every relative link leads to a file, and to a heading in it', () => {
  const pages = listPages()
  assert.ok(pages.length > 10)
  const broken = pages.flatMap(page =>
    listLinks(readPage(page))
      .filter(target => !/^[a-z]+:/.test(target))
      .flatMap(target => (isBroken(page, target) ? [`${page}: ${target}`] : [])),
  )
  assert.equal(broken, [])
})

function isBroken(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? page : relative(root, join(root, dirname(page), path))
  if (!existsSync(join(root, file))) return true
  if (anchor === undefined) return false
  return statSync(join(root, file)).isDirectory() || !listAnchors(readPage(file)).has(anchor)
}

test('a broken link would be found', () => {
  assert.ok(isBroken('README.md', 'docs/no-such-page.md'))
  assert.ok(isBroken('README.md', 'docs/errors.md#no-such-heading'))
  assert.not.ok(isBroken('README.md', 'docs/errors.md#categories'))
  assert.equal(listLinks('[a](b.md) `[c](d.md)`\n```\n[e](f.md)\n```'), ['b.md'])
})

test('the tables that follow from code are as `node test/write-docs.ts` writes them', () => {
  for (const {file, head, text} of renderTables()) {
    assert.ok(readPage(file).includes(`\n${text}\n`), `${file}: run "node test/write-docs.ts" for ${head}`)
  }
})

test('configuration.md lists exactly the settings', () => {
  const listed = readTable(readPage('docs/configuration.md'), 'key').map(([key]) => codeOf(key))
  assert.equal(
    listed,
    listSettings().map(({key}) => key),
  )
})

test('errors.md lists exactly the error codes, with their status', () => {
  const listed = readTable(readPage('docs/errors.md'), 'code').filter(([, status]) => /^\d{3}$/.test(status ?? ''))
  const told = listed.map(([code, status]) => `${codeOf(code)} ${status}`)
  assert.equal(told.length, sorted(told).length, 'each once')
  assert.equal(sorted(told), sorted(Object.entries(ERRORS).map(([code, [status]]) => `${code} ${status}`)))
})

test('errors.md lists exactly the categories', () => {
  const listed = readTable(readPage('docs/errors.md'), 'category').map(([name]) => codeOf(name))
  assert.equal(listed, [...ERROR_CATEGORIES])
})

test('errors.md lists exactly the command line’s own codes', () => {
  const used = listSources('bin').flatMap(text =>
    [...text.matchAll(/new Failure\(\s*'([A-Z_]+)'/g)].map(([, code]) => code),
  )
  const own = used.flatMap(code => (code === undefined || code in ERRORS ? [] : [code]))
  const listed = readTable(readPage('docs/errors.md'), 'code').filter(([, exit]) => /^\d$/.test(exit ?? ''))
  assert.equal(sorted(listed.map(([code]) => codeOf(code))), sorted([...own, 'INTERNAL']))
})

interface SchemaNode {
  $ref?: string
  properties?: {[key: string]: SchemaNode | boolean}
  additionalProperties?: SchemaNode | boolean
  items?: SchemaNode
  default?: unknown
  required?: string[]
}

/** Dotted paths of every key a manifest may have; `*` for a name of the author's own. */
function listKeys(node: SchemaNode | boolean | undefined, path: string): [path: string, node: SchemaNode][] {
  if (typeof node !== 'object') return []
  if (node.$ref) {
    const name = node.$ref.replace('#/$defs/', '') as keyof typeof manifestSchema.$defs
    return listKeys(manifestSchema.$defs[name] as SchemaNode, path)
  }
  const below = (key: string): string => (path === '' ? key : `${path}.${key}`)
  return [
    ...Object.entries(node.properties ?? {}).flatMap(([key, child]): [string, SchemaNode][] => [
      [below(key), typeof child === 'object' ? child : {}],
      ...listKeys(child, below(key)),
    ]),
    ...listKeys(node.additionalProperties, below('*')),
    ...listKeys(node.items, path),
  ]
}

test('manifest.md lists exactly the keys of the schema, with their defaults', () => {
  const keys = listKeys(manifestSchema as SchemaNode, '')
  assert.ok(keys.length > 45)
  const rows = readTable(readPage('docs/manifest.md'), 'key')
  assert.equal(sorted(rows.map(([key]) => codeOf(key))), sorted(keys.map(([key]) => key)))
  for (const [key, node] of keys) {
    if (node.default === undefined) continue
    const [, shown] = rows.find(row => codeOf(row[0]) === key) ?? []
    assert.is(codeOf(shown), String(node.default), key)
  }
})

test('manifest.md lists exactly the annotations', () => {
  const listed = readTable(readPage('docs/manifest.md'), 'keyword').map(([name]) => codeOf(name))
  assert.equal(sorted(listed), sorted(ANNOTATIONS))
})

test('protocol.md names every method, error code and limit', () => {
  const page = readPage('docs/protocol.md')
  const names = readCode(page)
  for (const method of Object.values(METHODS)) assert.ok(names.includes(method), method)
  for (const code of Object.values(RPC_CODES)) assert.ok(page.includes(String(code)), String(code))
  assert.equal(WIRE_LIMITS, {headerBytes: 1024, frameBytes: 16 * 1024 * 1024, depth: 64, logLineBytes: 64 * 1024})
  const limits = readTable(page, 'limit').map(([, value]) => value)
  assert.match(limits.join('\n'), /^1 KiB;.*\n16 MiB\n64\nnone\n64 KiB$/)
})

test('protocol.md names every parameter and result', () => {
  const names = new Set(readCode(readPage('docs/protocol.md')).flatMap(code => code.match(/\w+/g) ?? []))
  const source = listSources('runtime/protocol.ts').join('')
  const shapes = [...source.matchAll(/export interface \w+(?:Params|Result|Key|Entry|Value) \{\n([^}]*)\n\}/g)]
  assert.ok(shapes.length > 20)
  const members = shapes.flatMap(([, body = '']) => [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name = '']) => name))
  assert.equal(
    sorted(members).filter(name => !names.has(name)),
    [],
  )
})

test('writing-a-plugin.md names every member of the SDK', () => {
  const words = new Set(readPage('docs/writing-a-plugin.md').match(/\w+/g))
  const source = listSources('runtime/sdk.ts').join('')
  const members = [...source.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(<]/gm)].map(([, name = '']) => name)
  assert.ok(members.includes('artifact') && members.includes('retryAfterMs') && members.includes('start'))
  assert.equal(
    sorted(members).filter(name => name !== 'constructor' && !words.has(name)),
    [],
  )
  const page = readPage('docs/writing-a-plugin.md')
  for (const method of HOST_API_METHODS) assert.ok(page.includes(`host.${method}(`), method)
})

test('the pages speak of no other setting, code or page that is not there', () => {
  const settings = new Set(listSettings().map(({key}) => key))
  const groups = sorted([...settings].flatMap(key => (key.includes('.') ? [key.split('.')[0] ?? ''] : [])))
  const others = [
    ...listKeys(manifestSchema as SchemaNode, '').map(([key]) => key),
    ...HOST_API_METHODS,
    'process.stdout',
  ]
  const known = new Set([...settings, ...others])
  const unknown = listPages()
    .filter(page => !page.startsWith('plugins/'))
    .flatMap(page =>
      readCode(readPage(page))
        .filter(name => /^[a-z]+\.[a-z][A-Za-z]+$/.test(name) && groups.includes(name.split('.')[0] ?? ''))
        .filter(name => !known.has(name))
        .map(name => `${page}: ${name}`),
    )
  assert.equal(unknown, [])
})

function listSources(where: string): string[] {
  const path = join(root, where)
  const files = statSync(path).isDirectory() ? globFiles(path) : [path]
  return files.map(file => readPage(relative(root, file)))
}

function globFiles(folder: string): string[] {
  return globSync('**/*.ts', {cwd: folder, exclude: name => name.includes('templates')}).map(name => join(folder, name))
}

test('README.md and ARCHITECTURE.md are short', () => {
  assert.ok(readPage('README.md').split('\n').length <= 100)
  assert.ok(readPage('ARCHITECTURE.md').split('\n').length <= 91)
  assert.ok(readSection(readPage('ARCHITECTURE.md'), 'States of a plugin'))
})

test.run()
