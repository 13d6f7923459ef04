import {globSync, readFileSync} from 'node:fs'
import {builtinModules} from 'node:module'
import {dirname, join, relative} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('structure')
const root = join(import.meta.dirname, '../..')
const LONGEST = 250

const sources = ['host', 'runtime', 'bin', 'plugins', 'test']
  .flatMap(folder => globSync(`${folder}/**/*.{ts,tsx}`, {cwd: root}))
  .filter(file => !/node_modules|\.types\.ts$|\.d\.ts$|bin\/templates\//.test(file))
const texts = new Map(sources.map(file => [file, readFileSync(join(root, file), 'utf8')]))

interface Import {
  from: string
  /** A file of ours from the root, or a package's name. */
  to: string
  typeOnly: boolean
}

const STATEMENT = /^(?:import|export)\s+(type\s)?[^'"`;]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm
const imports: Import[] = [...texts].flatMap(([from, text]) =>
  [...text.matchAll(STATEMENT)].map(([statement, type, named, bare, dynamic]) => {
    const to = named ?? bare ?? dynamic ?? ''
    const local = to.startsWith('.') ? relative(root, join(root, dirname(from), to)) : to
    // `import {type A, type B}` is erased as well.
    const names = /\{([^}]*)\}/
      .exec(statement)?.[1]
      ?.split(',')
      .filter(name => name.trim() !== '')
    const erased = names?.every(name => name.trim().startsWith('type ')) === true
    return {from, to: local, typeOnly: type !== undefined || erased}
  }),
)
const product = imports.filter(({from}) => !from.startsWith('test/') && !/plugins\/.*\/test\//.test(from))

function breaches(where: (entry: Import) => boolean): string[] {
  return product.filter(where).map(({from, to}) => `${from} imports ${to}`)
}
const within = (file: string, ...folders: string[]): boolean => folders.some(folder => file.startsWith(folder))

test('the files are read at all', () => {
  assert.ok(product.length > 200)
  assert.ok(product.some(({from, to}) => from === 'host/open-state.ts' && to === 'host/store/open-store.ts'))
})

test('bundle, process, store, mapping and inventory never import one another', () => {
  const parts = ['bundle', 'process', 'store', 'mapping', 'inventory']
  const found = parts.flatMap(part =>
    breaches(
      ({from, to}) =>
        within(from, `host/${part}/`) && parts.some(other => other !== part && within(to, `host/${other}/`)),
    ),
  )
  assert.equal(found, [])
})

test('supervision knows process by type only', () => {
  assert.equal(
    breaches(({from, to, typeOnly}) => within(from, 'host/supervision/') && within(to, 'host/process/') && !typeOnly),
    [],
  )
})

test('nothing calls back up: parts do not import the composition root, http or bin', () => {
  const roots = ['host/host.ts', 'host/index.ts', 'host/start-server.ts', 'host/throw-away-plugin.ts']
  const isPart = (from: string): boolean => /^host\/[a-z-]+\//.test(from)
  assert.equal(
    breaches(
      ({from, to}) =>
        isPart(from) &&
        (roots.includes(to) || within(to, 'bin/') || (within(to, 'host/http/') && !within(from, 'host/http/'))),
    ),
    [],
  )
})

test('http knows the host by its public shapes only', () => {
  const allowed = [
    'host/http/',
    'host/types.ts',
    'host/errors.ts',
    'host/config.ts',
    'host/clock.ts',
    'host/call-signal.ts',
    'runtime/protocol.ts',
  ]
  assert.equal(
    breaches(
      ({from, to}) => within(from, 'host/http/') && within(to, 'host/', 'runtime/', 'bin/') && !within(to, ...allowed),
    ),
    [],
  )
})

test('bin knows the host by its public API only', () => {
  assert.equal(
    breaches(
      ({from, to}) =>
        within(from, 'bin/') &&
        within(to, 'host/', 'runtime/') &&
        !['host/index.ts', 'runtime/protocol.ts'].includes(to),
    ),
    [],
  )
})

test('runtime never imports the host, and protocol.ts imports nothing', () => {
  assert.equal(
    breaches(({from, to}) => within(from, 'runtime/') && within(to, 'host/', 'bin/', 'plugins/')),
    [],
  )
  assert.equal(
    breaches(({from}) => from === 'runtime/protocol.ts'),
    [],
  )
})

test('the runtime and the SDK load no package', () => {
  assert.equal(
    breaches(({from, to}) => within(from, 'runtime/') && !within(to, 'runtime/') && !to.startsWith('node:')),
    [],
  )
})

test('plugins import the SDK, packages and their own files, nothing of the host', () => {
  const own = (from: string): string => from.split('/').slice(0, 2).join('/')
  assert.equal(
    breaches(
      ({from, to}) =>
        within(from, 'plugins/') &&
        within(to, 'host/', 'runtime/', 'bin/', 'test/', 'plugins/') &&
        !within(to, `${own(from)}/`),
    ),
    [],
  )
})

const HOMES: {[library: string]: string[]} = {
  execa: ['host/process/'],
  'vscode-jsonrpc': ['host/process/'],
  'extract-zip': ['host/bundle/'],
  tar: ['host/bundle/'],
  yazl: ['host/bundle/'],
  esbuild: ['host/bundle/'],
  convict: ['host/config.ts'],
  croner: ['host/execution/'],
  'node:sqlite': ['host/store/'],
  fastify: ['host/http/'],
  typebox: ['host/http/'],
  ajv: ['host/schema.ts'],
  'ajv-formats': ['host/schema.ts'],
  pino: ['host/log.ts'],
  'prom-client': ['host/metrics.ts'],
  commander: ['bin/'],
  '@clack/prompts': ['bin/'],
  uvu: ['test/'],
}
test('each library has one home', () => {
  const found = Object.entries(HOMES).flatMap(([library, homes]) =>
    breaches(({from, to}) => (to === library || to.startsWith(`${library}/`)) && !within(from, ...homes)),
  )
  assert.equal(found, [])
})

test('there are no cycles', () => {
  const edges = Map.groupBy(
    product.filter(({to, typeOnly}) => texts.has(to) && !typeOnly),
    ({from}) => from,
  )
  const done = new Set<string>()
  const cycles: string[] = []
  function visit(file: string, path: readonly string[]): void {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (path.includes(file) || done.has(file)) return
    for (const {to} of edges.get(file) ?? []) visit(to, [...path, file])
    done.add(file)
  }
  for (const file of edges.keys()) visit(file, [])
  assert.equal(cycles, [])
})

test(`no file is longer than ${LONGEST} lines`, () => {
  // The wire contract is one file of plain types by design.
  const long = [...texts].filter(
    ([file, text]) => file !== 'runtime/protocol.ts' && text.split('\n').length - 1 > LONGEST,
  )
  assert.equal(
    long.map(([file]) => file),
    [],
  )
})

test('timers are the clock’s: no setTimeout elsewhere in the host', () => {
  const found = [...texts].filter(
    ([file, text]) => within(file, 'host/') && file !== 'host/clock.ts' && /\bset(Timeout|Interval)\(/.test(text),
  )
  assert.equal(
    found.map(([file]) => file),
    [],
  )
})

test('every test file runs its suite, and uses no hooks', () => {
  const suites = [...texts].filter(([file]) => file.endsWith('.test.ts'))
  assert.ok(suites.length > 20)
  for (const [file, text] of suites) {
    const made = text.match(/= suite\(/g)?.length ?? 0
    const ran = text.match(/^\w+\.run\(\)/gm)?.length ?? 0
    assert.ok(made > 0 && made === ran, `${file} makes ${made} suites and runs ${ran}`)
    assert.not.match(text, /^\s*\w+\.(before|after)(\.each)?\(/m, `${file} uses a hook`)
    assert.not.match(text, /\.only\(/, file)
  }
})

test('every package that is imported is declared, and nothing is declared for nothing', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    [kind: string]: {[name: string]: string}
  }
  const dependencies = Object.keys(manifest.dependencies ?? {})
  const declared = [...dependencies, ...Object.keys(manifest.devDependencies ?? {})]
  const packageOf = (to: string): string =>
    to
      .split('/')
      .slice(0, to.startsWith('@') ? 2 : 1)
      .join('/')
  const used = new Set(
    product
      .filter(({to}) => !texts.has(to) && !/^(host|runtime|bin|plugins|test|build)\b/.test(to))
      .map(({to}) => packageOf(to)),
  )
  const own = ['plugin-host', 'plugin-host/sdk']
  const missing = [...used].filter(
    name =>
      !name.startsWith('node:') && !builtinModules.includes(name) && !own.includes(name) && !declared.includes(name),
  )
  assert.equal(missing, [])
  const shipped = product.filter(({from}) => within(from, 'host/', 'runtime/', 'bin/')).map(({to}) => packageOf(to))
  assert.equal(
    [...new Set(shipped)].filter(name => declared.includes(name) && !dependencies.includes(name)),
    [],
    'shipped code needs a dependency, not a devDependency',
  )
})

test.run()
