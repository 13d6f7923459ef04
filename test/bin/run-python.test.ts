import {mkdir, readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline} from '../support/deadline.ts'
import {ROOT} from '../support/fixture-process.ts'
import {findLeaks} from '../support/leaks.ts'
import {needs} from '../support/needs.ts'
import {runCommandLine} from '../support/run-command-line.ts'
import {withTempFolder} from '../support/temp.ts'

const LIMIT_MS = 120_000
const EXAMPLE = join(ROOT, 'plugins/examples/python')

const suiteTest = suite('run-python')
const test = needs(suiteTest, {program: 'python3', package: 'python3'})

test('a plugin in Python runs, is traced and replays, from its folder and from its bundle', () =>
  withTempFolder(cwd =>
    deadline(LIMIT_MS, async () => {
      const env = {TMPDIR: join(cwd, 'tmp')}
      await mkdir(env.TMPDIR)
      const run = (...args: string[]): ReturnType<typeof runCommandLine> => runCommandLine(args, {cwd, env})
      const greeted = await run('run', EXAMPLE, 'hello', '--input', '{"name":"Ünsal"}', '--json', '--trace', 't.jsonl')
      assert.is(greeted.code, 0, greeted.stderr)
      assert.equal(JSON.parse(greeted.stdout).output, {greeting: 'Hello, Ünsal!'})
      const replayed = await run('run', EXAMPLE, '--replay', 't.jsonl')
      assert.match(replayed.stdout, /every answer is as it was/)
      assert.is((await run('build', EXAMPLE, '--out', 'p.fp')).code, 0)
      const other = ['--config', '{"greeting":"Hei"}', '--input', '{"name":"Ann"}', '--json']
      const configured = await run('run', 'p.fp', 'hello', ...other)
      assert.equal(JSON.parse(configured.stdout).output, {greeting: 'Hei, Ann!'})
      assert.equal(await readdir(env.TMPDIR), [])
      assert.equal(await findLeaks(cwd), [])
    }),
  ))

suiteTest.run()
