import {mkdir, readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {buildBundle, loadConfig, type RunningServer, startServer} from '../../host/index.ts'
import type {Outcome} from '../../host/types.ts'
import {makeSource} from '../bundle/make-source.ts'
import {editFile} from '../support/author-plugin.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {findLeaks} from '../support/leaks.ts'
import {runCommandLine} from '../support/run-command-line.ts'
import {withTempFolder} from '../support/temp.ts'
import {type RunningCommand, withCommandLine} from '../support/with-command-line.ts'

const LIMIT_MS = 120_000
const ID = 'example.hello'

interface Development {
  cwd: string
  main: string
  server: RunningServer
  /** Calls the plugin over HTTP. */
  greet(): Promise<Outcome>
  /** Calls it one after the other until told to stop; then what came of all calls. */
  greetOnAndOn(): () => Promise<Outcome[]>
  dev(args: string[], work: (command: RunningCommand) => Promise<void>): Promise<void>
}

/** A real server, and a plugin's folder that greets. Nothing of `dev` may be left afterwards. */
function withDevelopment(work: (development: Development) => Promise<void>): Promise<void> {
  return withTempFolder(cwd =>
    deadline(LIMIT_MS, async () => {
      const env = {TMPDIR: join(cwd, 'tmp')}
      await mkdir(env.TMPDIR)
      await makeSource(join(cwd, 'plugin'))
      const server = await startServer(loadConfig({dataFolder: join(cwd, 'data'), logLevel: 'silent', http: {port: 0}}))
      try {
        const greet = await createGreeter(server)
        await work({
          cwd,
          main: join(cwd, 'plugin/main.ts'),
          server,
          greet,
          greetOnAndOn: () => repeat(greet),
          dev: (args, run) => withCommandLine(['dev', 'plugin', '--data', 'data', ...args], {cwd, env}, run),
        })
      } finally {
        await server.stop()
      }
      assert.equal(await readdir(env.TMPDIR), [])
      assert.equal(await findLeaks(cwd), [])
    }),
  )
}

async function createGreeter({url, tokenFile}: RunningServer): Promise<() => Promise<Outcome>> {
  const authorization = `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`
  return async () => {
    const answer = await fetch(`${url}/v1/registrations/${ID}/actions/hello/execute`, {
      method: 'POST',
      headers: {authorization, 'content-type': 'application/json'},
      body: '{"input":{"name":"Ann"}}',
    })
    return (await answer.json()) as Outcome
  }
}

function repeat(greet: () => Promise<Outcome>): () => Promise<Outcome[]> {
  let going = true
  const running = (async () => {
    const outcomes: Outcome[] = []
    while (going) outcomes.push(await greet())
    return outcomes
  })()
  // Whoever stops it is told; a test that has failed before has told enough.
  running.catch(() => {})
  return () => {
    going = false
    return running
  }
}

const countSwaps = (text: string): number => text.split(' -> ').length - 1

const test = suite('dev')

test('each change serves without a failed call, what does not compile does not, and Ctrl-C brings back what was', () =>
  withDevelopment(async ({cwd, main, server, greet, greetOnAndOn, dev}) => {
    const built = await buildBundle(join(cwd, 'plugin'), {out: join(cwd, 'p.fp')})
    await server.host.installBundle(built.path)
    await dev([], async ({sees, kill, ended, stdout, stderr}) => {
      await sees('stdout', /^example\.hello 1\.0\.0 -> 1\.0\.0-dev\.\d+ \(\d+ ms\)$/m)
      const stop = greetOnAndOn()
      for (const [from, to] of [
        ['Hello', 'Hi'],
        ['Hi', 'Hej'],
        ['Hej', 'Moin'],
        ['Moin', 'Salut'],
      ] as const) {
        const swaps = countSwaps(stdout())
        await editFile(main, from, to)
        await eventually(30_000, () => countSwaps(stdout()) > swaps, 'the swap')
        assert.equal((await greet()).output, {greeting: `${to}, Ann`})
      }
      await editFile(main, 'input.name', 'input.nam')
      await sees('stderr', /^main\.ts:5:\d+: Property 'nam' does not exist/m)
      await sees('stderr', /What served before goes on serving/)
      assert.equal((await greet()).output, {greeting: 'Salut, Ann'})
      kill('SIGINT')
      assert.is(await ended, 0)
      const outcomes = await stop()
      assert.ok(outcomes.length > 10)
      assert.equal([...new Set(outcomes.map(({status}) => status))], ['succeeded'])
      assert.match(stderr(), /example\.hello is back at 1\.0\.0, which served before\n$/)
    })
    assert.equal((await greet()).output, {greeting: 'Hello, Ann'})
    assert.is(server.host.getPlugin(ID).version, '1.0.0')
  }))

test('a build that does not start leaves the one before serving, and the next one is tried', () =>
  withDevelopment(async ({main, greet, dev}) => {
    await dev([], async ({sees}) => {
      await sees('stdout', /is serving/)
      await editFile(main, 'export default', "throw new Error('no luck')\nexport default")
      await sees('stderr', /PLUGIN_SWAP_FAILED .*no luck/)
      assert.equal((await greet()).output, {greeting: 'Hello, Ann'})
      await editFile(main, "throw new Error('no luck')\n", '')
      await sees('stdout', / -> /)
      assert.equal((await greet()).status, 'succeeded')
    })
  }))

test('the plugin’s log is followed, and a plugin that was not there before stays', () =>
  withDevelopment(async ({main, server, greet, dev}) => {
    await editFile(main, 'hello: call => (', "hello: call => call.log.info('noted', {name: call.input.name}) ?? (")
    await dev(['--json'], async ({sees, kill, ended, stdout, stderr}) => {
      await sees('stdout', /"deployed":\{"id":"example\.hello","from":null/)
      await greet()
      await sees('stdout', /"noted"/)
      kill('SIGINT')
      assert.is(await ended, 0)
      const lines = stdout()
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line))
      assert.equal(lines.find(({log}) => log?.message === 'noted').log.fields, {name: 'Ann'})
      assert.match(stderr(), /was not installed before: the last build stays/)
    })
    assert.match(server.host.getPlugin(ID).version ?? '', /^1\.0\.0-dev\.\d+$/)
  }))

test('--keep leaves the last build active', () =>
  withDevelopment(async ({cwd, server, dev}) => {
    const built = await buildBundle(join(cwd, 'plugin'), {out: join(cwd, 'p.fp')})
    await server.host.installBundle(built.path)
    await dev(['--keep'], async ({sees, kill, ended}) => {
      await sees('stdout', / -> /)
      kill('SIGINT')
      assert.is(await ended, 0)
    })
    assert.match(server.host.getPlugin(ID).version ?? '', /^1\.0\.0-dev\.\d+$/)
  }))

test('no server, no folder and a bundle are told at once', () =>
  withDevelopment(async ({cwd}) => {
    await buildBundle(join(cwd, 'plugin'), {out: join(cwd, 'p.fp')})
    const env = {TMPDIR: join(cwd, 'tmp')}
    const run = (...args: string[]): ReturnType<typeof runCommandLine> => runCommandLine(['dev', ...args], {cwd, env})
    assert.is((await run('plugin', '--data', 'none')).code, 1)
    assert.is((await run('none')).code, 2)
    const bundle = await run('p.fp')
    assert.equal([bundle.code, /it is a bundle/.test(bundle.stderr)], [2, true])
  }))

test.run()
