import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import type {Outcome} from '../../host/types.ts'
import {AUTHOR_CONFIG, CONFIG, copyAuthorPlugin, editFile} from '../support/author-plugin.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {findLeaks} from '../support/leaks.ts'
import {type Finished, type RunOptions, runCommandLine} from '../support/run-command-line.ts'
import {withTempFolder} from '../support/temp.ts'
import {withCommandLine} from '../support/with-command-line.ts'

const LIMIT_MS = 120_000

interface Author {
  cwd: string
  env: {TMPDIR: string}
  run(args: string[], options?: RunOptions): Promise<Finished>
  /** The same with --json: stdout is one document. */
  outcome(args: string[]): Promise<{code: number | null; data: Outcome & {error: {code: string} | null}}>
}

/** A folder with the author fixture in `plugin`; what commands leave in their temporary folder fails the test. */
function withAuthor(work: (author: Author) => Promise<void>): Promise<void> {
  return withTempFolder(cwd =>
    deadline(LIMIT_MS, async () => {
      const env = {TMPDIR: join(cwd, 'tmp')}
      await mkdir(env.TMPDIR)
      await copyAuthorPlugin(cwd)
      const run = (args: string[], options?: RunOptions): Promise<Finished> =>
        runCommandLine(['run', ...args], {cwd, env, ...options})
      const outcome = async (args: string[]): ReturnType<Author['outcome']> => {
        const {code, stdout} = await run([...args, '--json'])
        return {code, data: JSON.parse(stdout)}
      }
      await work({cwd, env, run, outcome})
      assert.equal(await readdir(env.TMPDIR), [], 'nothing is left on disk')
      assert.equal(await findLeaks(cwd), [], 'no process is left')
    }),
  )
}

const test = suite('run')

test('a bundle made by init and build runs, with one JSON document on stdout', () =>
  withTempFolder(cwd =>
    deadline(LIMIT_MS, async () => {
      const from = 'launcher'
      for (const args of [
        ['init', 'p', '--yes'],
        ['build', 'p', '--out', 'p.fp'],
        ['check', 'p.fp'],
      ])
        assert.is((await runCommandLine(args, {cwd, from})).code, 0)
      const args = ['run', 'p.fp', 'hello', '--input', '{"name":"Ann"}', '--json']
      const {code, stdout} = await runCommandLine(args, {cwd, from})
      const {status, output, attempts, error} = JSON.parse(stdout)
      assert.equal([code, status, output, attempts, error], [0, 'succeeded', {greeting: 'Hello, Ann'}, 1, null])
    }),
  ))

test('for people the outcome is on stdout, the plugin’s log and its prints on stderr', () =>
  withAuthor(async ({run}) => {
    const {code, stdout, stderr} = await run(['plugin', 'greet', '--input', '{"name":"Ünsal"}', ...CONFIG])
    assert.is(code, 0, stderr)
    assert.match(stdout, /^succeeded \(\d+ ms\) {2}\w+\nGreeted\n\{\n {2}"greeting": "Hello, Ünsal"\n\}\n$/)
    assert.match(stderr, /stderr +printed at load\n/)
    assert.match(stderr, /stderr +printed while greeting\n/)
    assert.match(stderr, /info +plugin \[\w+\] greeting \{"name":"Ünsal"\}\n/)
    assert.not.match(stderr, /The process ended/, 'a stop as it should be is no news')
  }))

test('input and configuration come as text, from a file or from stdin; without an input it is the first sample', () =>
  withAuthor(async ({run, outcome, cwd}) => {
    await writeFile(join(cwd, 'input.json'), '{"name":"File"}')
    await writeFile(join(cwd, 'config.json'), JSON.stringify(AUTHOR_CONFIG))
    const config = ['--config', '@config.json']
    const {data} = await outcome(['plugin', 'greet', '--input', '@input.json', ...config])
    assert.equal(data.output, {greeting: 'Hello, File'})
    const piped = await run(['plugin', 'greet', '--input', '-', '--json', ...config], {input: '{"name":"Pipe"}'})
    assert.equal(JSON.parse(piped.stdout).output, {greeting: 'Hello, Pipe'})
    assert.equal((await outcome(['plugin', 'greet', ...config])).data.output, {greeting: 'Hello, Ann'})
  }))

test('a dry run shows its effects; a live run applies them to the desk', () =>
  withAuthor(async ({run, outcome}) => {
    const dry = await run(['plugin', 'close', '--mode', 'dryRun', ...CONFIG])
    assert.is(dry.code, 0, dry.stderr)
    assert.match(dry.stdout, /^shown {3}request\.update 1\n {2}status: "closed"$/m)
    assert.match(dry.stdout, /^shown {3}request\.note 1\n {2}text: "Closed .*"\n {2}public: false$/m)
    const live = await outcome(['plugin', 'close', ...CONFIG])
    assert.equal(
      live.data.effects.map(({status, effect}) => [status, effect.op]),
      [
        ['applied', 'request.update'],
        ['applied', 'request.note'],
      ],
    )
    const refused = await outcome(['plugin', 'greet', '--mode', 'dryRun', '--input', '{"name":1}', ...CONFIG])
    assert.equal([refused.code, refused.data.error?.code], [1, 'INPUT_INVALID'])
  }))

test('a failure exits 1 and tells its hint; a crash tells its exit code', () =>
  withAuthor(async ({run, outcome}) => {
    const {code, stdout} = await run(['plugin', 'refuse', ...CONFIG])
    assert.is(code, 1)
    assert.match(stdout, /^failed .*\nNO I will not\n {2}Ask nicely$/m)
    const crashed = await outcome(['plugin', 'crash', ...CONFIG])
    assert.equal([crashed.code, crashed.data.status, crashed.data.error?.code], [1, 'failed', 'PLUGIN_CRASHED'])
    assert.match(crashed.data.message, /exit code 3/)
  }))

test('a deadline that passes exits 1', () =>
  withAuthor(async ({outcome}) => {
    const {code, data} = await outcome(['plugin', 'wait', '--deadline', '200', ...CONFIG])
    assert.equal([code, data.status, data.error?.code], [1, 'timedOut', 'EXECUTION_TIMED_OUT'])
  }))

test('secrets are in neither outcome nor log', () =>
  withAuthor(async ({run}) => {
    const {stdout, stderr} = await run(['plugin', 'leak', ...CONFIG])
    assert.match(stdout, /"token": "\[secret\]"/)
    assert.match(stderr, /my token is \[secret\]/)
    for (const text of [stdout, stderr]) assert.not.match(text, /hunter2|aHVudGVyMi1odW50ZXIy/)
  }))

test('without an action the actions are listed with their samples', () =>
  withAuthor(async ({run}) => {
    const {code, stdout} = await run(['plugin'])
    assert.is(code, 0)
    assert.match(stdout, /^example\.author 1\.0\.0\ngreet {2}Greet someone \(read\)\n {2}Ann: \{"name":"Ann"\}\n/)
    assert.match(stdout, /^Try: plugin-host run plugin greet --input '\{"name":"Ann"\}'$/m)
    const {actions} = JSON.parse((await run(['plugin', '--json'])).stdout)
    assert.equal(actions[0].samples, [{title: 'Ann', input: {name: 'Ann'}}])
  }))

test('wrong use and bad plugins exit 2, each told once, with --json as a document', () =>
  withAuthor(async ({run, outcome, cwd}) => {
    await writeFile(join(cwd, 'broken.fp'), 'PK\u0003\u0004 and then nothing')
    for (const [args, code] of [
      [['plugin', 'nope', ...CONFIG], 'USAGE'],
      [['plugin', 'greet'], 'USAGE'],
      [['plugin', 'greet', '--input', '{', ...CONFIG], 'USAGE'],
      [['plugin', 'greet', '--config', '[]'], 'USAGE'],
      [['plugin', 'greet', '--trace', 'none/t.jsonl', ...CONFIG], 'USAGE'],
      [['plugin', '--stdio'], 'USAGE'],
      [['plugin', 'greet', '--replay', 'none.jsonl'], 'USAGE'],
      [['plugin', '--replay', 'none.jsonl'], 'USAGE'],
      [['none.fp', 'greet'], 'BUNDLE_NOT_FOUND'],
      [['broken.fp', 'greet'], 'BUNDLE_REFUSED'],
      [['tmp', 'greet'], 'MANIFEST_INVALID'],
      [['broken.fp'], 'BUNDLE_REFUSED'],
    ] as const) {
      const told = await outcome([...args])
      assert.equal([told.code, told.data.error?.code], [2, code], args.join(' '))
    }
    assert.match((await run(['plugin', 'greet'])).stderr, /it has no configuration\n {2}Give it with --config.*token/)
    const bundle = await run(['broken.fp', 'greet', '--watch'])
    assert.is(bundle.code, 2)
    await editFile(join(cwd, 'plugin/main.js'), 'export default', 'export defualt')
    const build = await outcome(['plugin', 'greet', ...CONFIG])
    assert.equal([build.code, build.data.error?.code], [2, 'BUILD_FAILED'])
  }))

test('a plugin that does not start exits 1 and says why', () =>
  withAuthor(async ({outcome, cwd}) => {
    await editFile(join(cwd, 'plugin/main.js'), "console.log('printed at load')", "throw new Error('no luck')")
    const {code, data} = await outcome(['plugin', 'greet', ...CONFIG])
    assert.equal([code, data.error?.code], [1, 'PLUGIN_START_FAILED'])
    assert.match(String((data.error as {message?: string} | null)?.message), /no luck/)
  }))

test('Ctrl-C ends the call: the outcome says cancelled, and nothing is left', () =>
  withAuthor(async ({cwd, env}) => {
    await withCommandLine(
      ['run', 'plugin', 'wait', '--json', ...CONFIG],
      {cwd, env},
      async ({sees, kill, stdout, ended}) => {
        await sees('stderr', /waiting/)
        assert.is((await readdir(env.TMPDIR)).length, 1, 'it is there while it runs')
        kill('SIGINT')
        assert.is(await ended, 130)
        assert.is(JSON.parse(stdout()).status, 'cancelled')
      },
    )
  }))

test('a second Ctrl-C does not wait for a plugin in a busy loop, and leaves nothing either', () =>
  withAuthor(async ({cwd, env}) => {
    await editFile(join(cwd, 'plugin/main.js'), "console.log('waiting')", "console.log('waiting'); for (;;);")
    await withCommandLine(['run', 'plugin', 'wait', ...CONFIG], {cwd, env}, async ({sees, kill, ended}) => {
      await sees('stderr', /waiting/)
      let code: unknown
      void ended.then(end => (code = end))
      // Those of the first moment count as one: a terminal and npm both pass it on.
      await eventually(5000, () => {
        kill('SIGINT')
        return code !== undefined
      })
      assert.is(code, 130)
      assert.equal(await readdir(env.TMPDIR), [])
      await eventually(5000, async () => (await findLeaks(env.TMPDIR)).length === 0, 'the plugin to be ended')
    })
  }))

test('--watch runs again after each change, tells what does not build, and a change ends a run that goes on', () =>
  withAuthor(async ({cwd, env}) => {
    const main = join(cwd, 'plugin/main.js')
    const args = ['run', 'plugin', '--watch', '--json', ...CONFIG]
    await withCommandLine(args, {cwd, env}, async ({sees, kill, ended, stdout}) => {
      await sees('stdout', /"Hello, Ann"/)
      await editFile(main, 'Hello, ', 'Hi, ')
      await sees('stdout', /"Hi, Ann"/)
      await editFile(main, 'export default', 'export defualt')
      await sees('stdout', /BUILD_FAILED/)
      await editFile(main, 'export defualt', 'export default')
      await editFile(main, "console.log('printed while greeting')", "console.log('spinning'); for (;;);")
      await sees('stderr', /spinning/)
      await editFile(main, "console.log('spinning'); for (;;);", '')
      await editFile(main, 'Hi, ', 'Hej, ')
      await sees('stdout', /"Hej, Ann"/)
      kill('SIGINT')
      assert.is(await ended, 0)
      const statuses = stdout()
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line).status ?? 'refused')
      assert.equal(
        statuses.filter(status => status !== 'refused'),
        ['succeeded', 'succeeded', 'succeeded'],
      )
    })
    assert.match(await readFile(main, 'utf8'), /Hej/)
  }))

test.run()
