import {readdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {runCommandLine} from '../support/run-command-line.ts'
import {withTempFolder} from '../support/temp.ts'

const from = 'launcher'

const test = suite('author-tools')

test('init, build and check go through in a folder that has no node_modules, twice with the same bytes', () =>
  withTempFolder(async cwd => {
    const made = await runCommandLine(['init', 'p', '--yes'], {cwd, from})
    assert.is(made.code, 0, made.stderr)
    assert.match(made.stdout, /^plugin-p is in /)
    const built = await runCommandLine(['build', 'p', '--out', 'p.fp'], {cwd, from})
    assert.is(built.code, 0, built.stderr)
    const sha256 = /^sha256 ([0-9a-f]{64})$/m.exec(built.stdout)?.[1]
    const checked = await runCommandLine(['check', 'p.fp'], {cwd, from})
    assert.equal([checked.code, checked.stdout], [0, 'plugin-p 0.1.0: no problems\n'])
    const again = await runCommandLine(['build', 'p', '--out', 'again.fp', '--json'], {cwd, from})
    assert.is(JSON.parse(again.stdout).sha256, sha256)
    assert.ok((await readFile(join(cwd, 'p.fp'))).equals(await readFile(join(cwd, 'again.fp'))))
  }))

for (const language of ['ts', 'js']) {
  test(`init makes all files of a ${language} plugin, which builds into <id>-<version>.fp`, () =>
    withTempFolder(async cwd => {
      const args = [
        '--language',
        language,
        '--id',
        'acme.greeter',
        '--name',
        'The "Greeter"',
        '--kind',
        'report',
        'pull',
      ]
      const made = await runCommandLine(['init', 'new/greeter', '--yes', '--json', ...args], {cwd})
      assert.is(made.code, 0, made.stderr)
      const typed = language === 'ts' ? ['plugin.types.ts', 'tsconfig.json'] : []
      const common = ['.gitignore', 'README.md', 'package.json', 'plugin.json']
      const expected = [...common, `main.${language}`, `test/hello.test.${language}`, ...typed].sort()
      assert.equal(JSON.parse(made.stdout).files, expected)
      const manifest = JSON.parse(await readFile(join(cwd, 'new/greeter/plugin.json'), 'utf8'))
      assert.equal([manifest.id, manifest.name, manifest.kinds], ['acme.greeter', 'The "Greeter"', ['report', 'pull']])
      const built = await runCommandLine(['build', 'new/greeter'], {cwd})
      assert.is(built.code, 0, built.stderr)
      assert.ok((await readdir(cwd)).includes('acme.greeter-0.1.0.fp'))
    }))
}

test('init without a terminal asks nothing', () =>
  withTempFolder(async cwd => {
    const {code, stderr} = await runCommandLine(['init', 'greeter'], {cwd})
    assert.equal([code, stderr], [0, ''])
  }))

test('init refuses a folder with something in it, and leaves it alone', () =>
  withTempFolder(async cwd => {
    await writeFile(join(cwd, 'mine.txt'), 'mine')
    const {code, stderr} = await runCommandLine(['init', '.', '--yes'], {cwd})
    assert.is(code, 2)
    assert.match(stderr, /the folder is not empty/)
    assert.equal(await readdir(cwd), ['mine.txt'])
  }))

test('init with an id that cannot be writes nothing', () =>
  withTempFolder(async cwd => {
    const {code, stderr} = await runCommandLine(['init', 'p', '--yes', '--id', 'No Good'], {cwd})
    assert.is(code, 2)
    assert.match(stderr, /^MANIFEST_INVALID .*\/id/)
    assert.equal(await readdir(cwd), [])
  }))

test('check tells every problem of a folder on a line, with code, place and remedy, and exits 2', () =>
  withTempFolder(async cwd => {
    await runCommandLine(['init', 'p', '--yes'], {cwd})
    const path = join(cwd, 'p/plugin.json')
    const manifest = JSON.parse(await readFile(path, 'utf8'))
    const config = {schema: {type: 'object', properties: {password: {type: 'string'}}}}
    await writeFile(path, JSON.stringify({...manifest, config, icon: 'none.svg'}))
    const {code, stdout, stderr} = await runCommandLine(['check', 'p'], {cwd})
    assert.equal([code, stderr], [2, ''])
    const lines = stdout.trimEnd().split('\n')
    assert.is(lines.length, 2, stdout)
    assert.ok(
      lines.some(line => /^FILE_MISSING \/icon .*none\.svg.* — \w/.test(line)),
      stdout,
    )
    assert.ok(
      lines.some(line => /^SECRET_UNMARKED \/config\/schema\/properties\/password .* — \w/.test(line)),
      stdout,
    )
    const json = JSON.parse((await runCommandLine(['check', 'p', '--json'], {cwd})).stdout)
    assert.equal([json.ok, json.problems.length], [false, 2])
  }))

test('check of a damaged bundle exits 2, and of one that is not there too', () =>
  withTempFolder(async cwd => {
    await writeFile(join(cwd, 'broken.fp'), 'PK\u0003\u0004 and then nothing')
    const broken = await runCommandLine(['check', 'broken.fp'], {cwd})
    assert.is(broken.code, 2)
    assert.match(broken.stdout, /^ZIP_NO_END /)
    const missing = await runCommandLine(['check', 'none.fp', '--json'], {cwd})
    assert.is(missing.code, 2)
    assert.is(JSON.parse(missing.stdout).error.code, 'BUNDLE_NOT_FOUND')
  }))

test('build tells a type error with its place on stderr, exits 2 and writes no bundle', () =>
  withTempFolder(async cwd => {
    await runCommandLine(['init', 'p', '--yes'], {cwd})
    const path = join(cwd, 'p/main.ts')
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll('input.name', 'input.nam'))
    const {code, stdout, stderr} = await runCommandLine(['build', 'p', '--out', 'p.fp', '--json'], {cwd})
    assert.is(code, 2)
    assert.match(stderr, /^BUILD_FAILED .*\nmain\.ts:7:51: Property 'nam' does not exist/)
    const {error} = JSON.parse(stdout)
    assert.is(error.code, 'BUILD_FAILED')
    assert.equal(error.details.problems[0].line, 7)
    assert.equal(await readdir(cwd), ['p'])
  }))

test.run()
