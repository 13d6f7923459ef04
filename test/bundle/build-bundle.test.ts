import {mkdir, readdir, readFile, stat, symlink, utimes, writeFile} from 'node:fs/promises'
import {createRequire} from 'node:module'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import extract from 'extract-zip'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {type BuildBundleOptions, type BuiltBundle, buildBundle} from '../../host/bundle/build-bundle.ts'
import {verifyBundle} from '../../host/bundle/verify-bundle.ts'
import {loadConfig} from '../../host/config.ts'
import {HostError} from '../../host/errors.ts'
import {deadline} from '../support/deadline.ts'
import {withTempFolder} from '../support/temp.ts'
import {HELLO_MANIFEST, makeSource} from './make-source.ts'

const LIMIT_MS = 60_000
const JS = {entry: 'main.js'}

interface Built extends BuiltBundle {
  /** Folder with what the bundle holds. */
  unpacked: string
}

function withBuilt(
  source: Parameters<typeof makeSource>[1],
  run: (built: Built, folder: string) => Promise<void>,
  options: BuildBundleOptions = {},
): Promise<void> {
  return withTempFolder(temp =>
    deadline(LIMIT_MS, async () => {
      const folder = await makeSource(join(temp, 'source'), source)
      const built = await buildBundle(folder, {out: join(temp, 'p.fp'), ...options})
      const unpacked = join(temp, 'unpacked')
      await extract(built.path, {dir: unpacked})
      await run({...built, unpacked}, folder)
    }),
  )
}

/** What the bundled action `hello` answers, loaded as the runtime loads it. */
function callHello({unpacked}: Built, call: object = {}): unknown {
  const require = createRequire(join(unpacked, 'main.cjs'))
  const {default: plugin} = require('./main.cjs') as {default: {actions: {hello(call: object): unknown}}}
  return plugin.actions.hello(call)
}

async function failBuild(source: Parameters<typeof makeSource>[1]): Promise<HostError> {
  let failure: unknown
  await withTempFolder(temp =>
    deadline(LIMIT_MS, async () => {
      const folder = await makeSource(join(temp, 'source'), source)
      const out = join(temp, 'out')
      await mkdir(out)
      failure = await buildBundle(folder, {out: join(out, 'p.fp')}).catch((error: unknown) => error)
      assert.equal(await readdir(out), [], 'a failed build leaves nothing')
    }),
  )
  assert.instance(failure, HostError)
  return failure as HostError
}

const test = suite('build-bundle')

test('a TypeScript plugin becomes a bundle that the verifier accepts and that runs', () =>
  withBuilt({}, async built => {
    assert.equal(built.files, ['main.cjs', 'plugin.json'])
    const {problems, digest, size} = await verifyBundle(built.path, loadConfig().bundle)
    assert.equal(problems, [])
    assert.equal([digest, size], [built.sha256, built.bytes])
    const manifest = JSON.parse(await readFile(join(built.unpacked, 'plugin.json'), 'utf8'))
    assert.equal(manifest, {...HELLO_MANIFEST, entry: 'main.cjs'})
    assert.equal(callHello(built, {input: {name: 'Ann'}}), {output: {greeting: 'Hello, Ann'}})
  }))

test('types are generated from the manifest, and an unchanged file is not written again', () =>
  withBuilt({}, async ({path}, folder) => {
    const types = join(folder, 'plugin.types.ts')
    assert.match(await readFile(types, 'utf8'), /hello: \{\s+input: HelloInput\s+output: HelloOutput/)
    const old = new Date(2001, 1, 1)
    await utimes(types, old, old)
    await buildBundle(folder, {out: path})
    assert.equal((await stat(types)).mtime, old)
  }))

test('a type error fails the build and tells file, line and column', async () => {
  const wrong = `import {definePlugin} from 'plugin-host/sdk'
import type {Types} from './plugin.types.ts'

export default definePlugin<Types>({
  actions: {hello: call => ({output: {greeting: call.input.nam}})},
})
`
  const {code, message} = await failBuild({files: {'main.ts': wrong}})
  assert.is(code, 'BUILD_FAILED')
  assert.match(message, /main\.ts:5:60: Property 'nam' does not exist on type 'HelloInput'.*\(TS2551\)/)
})

test('an answer that does not fit the output schema fails the build', async () => {
  const wrong = `import {definePlugin} from 'plugin-host/sdk'
import type {Types} from './plugin.types.ts'
export default definePlugin<Types>({actions: {hello: () => ({output: {greeting: 1}})}})
`
  const {message} = await failBuild({files: {'main.ts': wrong}})
  assert.match(message, /main\.ts:3:\d+: .*not assignable to type 'string'/s)
})

test('the author’s own tsconfig is obeyed and its paths still resolve', () =>
  withBuilt(
    {
      files: {
        'tsconfig.json': `{
  // the words go through
  "compilerOptions": {"module": "preserve", "moduleResolution": "bundler", "rootDir": "src", "paths": {"#words": ["./lib/words.ts"]}},
}`,
        'lib/words.ts': `export const word = 'Hello'`,
        'main.ts': `import {definePlugin} from 'plugin-host/sdk'
import {word} from '#words'
import type {Types} from './plugin.types.ts'
export default definePlugin<Types>({actions: {hello: () => ({output: {greeting: word}})}})`,
      },
    },
    async built => assert.equal(callHello(built), {output: {greeting: 'Hello'}}),
  ))

test('CommonJS and ES module dependencies are bundled, and import.meta works', () =>
  withBuilt(
    {
      manifest: JS,
      files: {
        'node_modules/sloppy/index.js': `module.exports = function () { return this === undefined ? 'strict' : 'sloppy' }`,
        'node_modules/modern/package.json': `{"name": "modern", "type": "module", "exports": "./index.js"}`,
        'node_modules/modern/index.js': `export const where = () => [import.meta.url, import.meta.dirname]`,
        'main.js': `import {definePlugin} from 'plugin-host/sdk'
import sloppy from 'sloppy'
import {where} from 'modern'
import {readFileSync} from 'node:fs'
export default definePlugin({actions: {hello: () => ({output: [(0, sloppy)(), typeof readFileSync, ...where()]})}})`,
      },
    },
    async built => {
      const url = pathToFileURL(join(built.unpacked, 'main.cjs')).href
      assert.equal(callHello(built), {output: ['sloppy', 'function', url, built.unpacked]})
    },
  ))

test('a plugin of ES modules alone stays strict', () =>
  withBuilt(
    {manifest: JS, files: {'main.js': 'export default {actions: {hello() { return function () { return this }() }}}'}},
    async built => assert.is(callHello(built), undefined),
  ))

test('top-level await is refused with what to do instead', async () => {
  const {code, message} = await failBuild({manifest: JS, files: {'main.js': 'await 1\nexport default {actions: {}}'}})
  assert.is(code, 'BUILD_FAILED')
  assert.match(message, /main\.js:1:1: Top-level await .*Move it into start\(\)/)
})

test('a native add-on is refused, one that is not there is left to its own try', async () => {
  const main = `try { require('./fast.node') } catch {}\nmodule.exports = {actions: {hello: () => 'slow'}}`
  const {message} = await failBuild({manifest: JS, files: {'main.js': main, 'fast.node': ''}})
  assert.match(message, /main\.js:1:\d+: a native add-on cannot be bundled: \.\/fast\.node/)
  await withBuilt({manifest: JS, files: {'main.js': main}}, async built => {
    const require = createRequire(join(built.unpacked, 'main.cjs'))
    assert.is((require('./main.cjs') as {actions: {hello(): string}}).actions.hello(), 'slow')
  })
})

test('assets, docs and icon are packed and nothing else', () =>
  withBuilt(
    {
      manifest: {docs: 'README.md', icon: 'pictures/icon.svg'},
      files: {
        'README.md': '# Hello',
        'pictures/icon.svg': '<svg/>',
        'assets/mibs/a.txt': 'a',
        'test/hello.test.ts': '',
        'notes.txt': '',
        '.env': 'SECRET=1',
      },
    },
    async ({files}) =>
      assert.equal(files, ['README.md', 'assets/mibs/a.txt', 'main.cjs', 'pictures/icon.svg', 'plugin.json']),
  ))

test('a link among the assets is refused', () =>
  withTempFolder(temp =>
    deadline(LIMIT_MS, async () => {
      const folder = await makeSource(temp, {files: {'assets/a.txt': 'a'}})
      await symlink('/etc/hostname', join(folder, 'assets/host'))
      const error = await buildBundle(folder, {out: join(temp, 'p.fp')}).catch((failure: unknown) => failure)
      assert.match((error as Error).message, /assets\/host: is a link/)
    }),
  ))

test('a plugin in another language is packed whole but for tests, dotfiles and leftovers', () =>
  withBuilt(
    {
      manifest: {entry: undefined, process: {command: ['python3', '{bundle}/main.py']}},
      files: {
        'main.py': 'print()',
        'lib/greet.py': '',
        'lib/__pycache__/greet.pyc': '',
        'tests/test_main.py': '',
        'test_main.py': '',
        '.env': '',
        'old.fp': '',
        'node_modules/a/index.js': '',
      },
    },
    async ({files}) => assert.equal(files, ['lib/greet.py', 'main.py', 'main.ts', 'plugin.json']),
  ))

test('a manifest that the linter refuses is refused before anything is compiled', async () => {
  const config = {schema: {type: 'object', properties: {password: {type: 'string'}}}}
  const {code, message} = await failBuild({manifest: {config}, files: {'main.ts': 'no typescript'}})
  assert.is(code, 'MANIFEST_INVALID')
  assert.match(message, /password/)
})

test('a build that is aborted rejects with the reason and leaves the bundle that was there', () =>
  withTempFolder(temp =>
    deadline(LIMIT_MS, async () => {
      const folder = await makeSource(join(temp, 'source'))
      const out = join(temp, 'p.fp')
      await writeFile(out, 'old')
      const error = await buildBundle(folder, {out, signal: AbortSignal.abort(new Error('enough'))}).catch(e => e)
      assert.is(error.message, 'enough')
      assert.is(await readFile(out, 'utf8'), 'old')
      assert.equal((await readdir(temp)).sort(), ['p.fp', 'source'])
    }),
  ))

test('a source map is put beside the module only where asked for', () =>
  withBuilt(
    {},
    async built => {
      assert.equal(built.files, ['main.cjs', 'main.cjs.map', 'plugin.json'])
      assert.match(await readFile(join(built.unpacked, 'main.cjs'), 'utf8'), /\/\/# sourceMappingURL=main\.cjs\.map/)
      const map = JSON.parse(await readFile(join(built.unpacked, 'main.cjs.map'), 'utf8'))
      assert.ok(map.sources.includes('main.ts'))
    },
    {sourcemap: true},
  ))

test.run()
