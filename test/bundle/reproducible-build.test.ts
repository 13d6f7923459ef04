import {cp, readFile, utimes, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {buildBundle} from '../../host/bundle/build-bundle.ts'
import {deadline} from '../support/deadline.ts'
import {runCommandLine} from '../support/run-command-line.ts'
import {withTempFolder} from '../support/temp.ts'
import {makeSource} from './make-source.ts'

const LIMIT_MS = 60_000
const JS = {entry: 'main.js'}

const test = suite('reproducible-build')

test('the same sources give the same bytes in another place and time zone and at another time', () =>
  withTempFolder(temp =>
    deadline(LIMIT_MS, async () => {
      const files = {'assets/b.txt': 'b', 'assets/a.txt': 'a', 'deep/node_modules/dep/index.js': 'module.exports = 1'}
      const main = `import dep from './deep/uses.js'\nexport default {actions: {hello: () => dep}}`
      const uses = `import dep from 'dep'\nexport default dep`
      const source = {manifest: JS, files: {...files, 'main.js': main, 'deep/uses.js': uses}}
      const one = await buildBundle(await makeSource(join(temp, 'one'), source), {out: join(temp, 'one.fp')})
      const other = join(temp, 'other/place')
      await cp(join(temp, 'one'), other, {recursive: true})
      await utimes(join(other, 'assets/a.txt'), new Date(2001, 1, 1), new Date(2001, 1, 1))
      const options = {cwd: other, env: {TZ: 'Asia/Tokyo'}}
      const {code, stdout} = await runCommandLine(['build', '.', '--out', '../two.fp', '--json'], options)
      assert.is(code, 0)
      assert.is(JSON.parse(stdout).sha256, one.sha256)
      assert.ok((await readFile(join(temp, 'one.fp'))).equals(await readFile(join(temp, 'other/two.fp'))))
      await writeFile(join(other, 'assets/a.txt'), 'changed')
      const changed = await buildBundle(other, {out: join(temp, 'three.fp')})
      assert.is.not(changed.sha256, one.sha256)
    }),
  ))

test('a dependency installed further up gives the same bytes as one beside', () =>
  withTempFolder(temp =>
    deadline(LIMIT_MS, async () => {
      const files = {'main.js': `import dep from 'dep'\nexport default {actions: {hello: () => dep}}`}
      const dependency = {'node_modules/dep/index.js': 'module.exports = 1'}
      const beside = await makeSource(join(temp, 'a'), {manifest: JS, files: {...files, ...dependency}})
      const below = await makeSource(join(temp, 'b/plugins/c'), {manifest: JS, files})
      await cp(join(beside, 'node_modules'), join(temp, 'b/node_modules'), {recursive: true})
      const built = await Promise.all(
        [beside, below].map((folder, index) => buildBundle(folder, {out: join(temp, `${index}.fp`)})),
      )
      assert.is(built[0]?.sha256, built[1]?.sha256)
    }),
  ))

test.run()
