import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdir, readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {createFrameReader, encodeFrame} from '../../runtime/framing.ts'
import {copyAuthorPlugin, editFile} from '../support/author-plugin.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {ROOT} from '../support/fixture-process.ts'
import {findLeaks} from '../support/leaks.ts'
import {needs} from '../support/needs.ts'
import {runCommandLine} from '../support/run-command-line.ts'
import {withTempFolder} from '../support/temp.ts'
import {type RunningCommand, withCommandLine} from '../support/with-command-line.ts'

const LIMIT_MS = 120_000
const STDIO = ['run', 'plugin', '--stdio']

interface Place {
  cwd: string
  env: {TMPDIR: string}
}

/** A folder with the author fixture; afterwards no file and no process may be left. */
function withPlace(work: (place: Place) => Promise<void>): Promise<void> {
  return withTempFolder(cwd =>
    deadline(LIMIT_MS, async () => {
      const env = {TMPDIR: join(cwd, 'tmp')}
      await mkdir(env.TMPDIR)
      await copyAuthorPlugin(cwd)
      await work({cwd, env})
      assert.equal(await readdir(env.TMPDIR), [])
      assert.equal(await findLeaks(cwd), [])
    }),
  )
}

const INITIALIZE = {
  protocol: {min: 1, max: 1},
  hostApi: {min: 1, max: 1},
  plugin: {id: 'example.author', version: '1.0.0'},
  process: 'by hand',
  dataFolder: '.',
  permissions: {net: [], exec: false, workers: false, addons: false, hostApi: [], effects: []},
}
const frame = (id: number, method: string, params: object): string => encodeFrame({jsonrpc: '2.0', id, method, params})
const execute = (id: number, action: string, input: object): string =>
  frame(id, 'execute', {
    execution: `e${id}`,
    registration: 'r',
    action,
    input,
    mode: 'live',
    deadline: Date.now() + 60_000,
    attempt: 1,
  })

/** Runs beside the command once its plugin has answered initialize: nothing may be sent before. */
function withReady(place: Place, work: (command: RunningCommand) => Promise<void>): Promise<void> {
  return withCommandLine(STDIO, place, async command => {
    command.stdin.write(frame(1, 'initialize', INITIALIZE))
    await command.sees('stdout', /"capabilities"/)
    await work(command)
  })
}

/** The frames in a text; anything else in it throws. */
function readFrames(bytes: string): {id?: number; method?: string; result?: {output?: unknown}}[] {
  const frames: object[] = []
  createFrameReader({onMessage: message => void frames.push(message as object)}).push(Buffer.from(bytes))
  return frames
}

const test = suite('run-stdio')

needs(test, {pythonModule: 'pylsp_jsonrpc', package: 'python3-pylsp-jsonrpc'})(
  'a client library of the Language Server Protocol drives a plugin',
  () =>
    withPlace(async ({cwd, env}) => {
      const command = [process.execPath, join(ROOT, 'bin/main.ts'), ...STDIO]
      const client = spawn('/usr/bin/python3', [join(ROOT, 'test/fixtures/lsp-client.py'), ...command], {
        cwd,
        env: {...process.env, ...env, PYTHONDONTWRITEBYTECODE: '1'},
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const [stdout, stderr, [code]] = await Promise.all([
        text(client.stdout),
        text(client.stderr),
        once(client, 'close'),
      ])
      assert.is(code, 0, stderr)
      assert.is(stdout, 'every answer was right\n')
      assert.match(stderr, /printed at load\n/)
      assert.is(stderr.match(/^printed while greeting$/gm)?.length, 203, 'each print is there, none on the wire')
    }),
)

test('stdin that ends right after its requests still gets every answer, and the exit code is 0', () =>
  withPlace(async ({cwd, env}) => {
    // Answers that come at once would come anyway, before the plugin has seen its input end.
    const main = join(cwd, 'plugin/main.js')
    await editFile(main, 'greet: (', 'greet: async (')
    await editFile(
      main,
      "console.log('printed while",
      "await new Promise(end => setTimeout(end, 300)); console.log('printed while",
    )
    await withReady({cwd, env}, async ({stdin, stdout, stderr, ended}) => {
      stdin.end(execute(2, 'greet', {name: 'Ann'}) + execute(3, 'greet', {name: 'Bo'}))
      assert.is(await ended, 0)
      const answers = readFrames(stdout()).filter(({method}) => method === undefined)
      assert.equal(answers.map(({id, result}) => [id, result?.output]).slice(1), [
        [2, {greeting: 'Hello, Ann'}],
        [3, {greeting: 'Hello, Bo'}],
      ])
      assert.match(stderr(), /^printed while greeting$/m)
    })
  }))

test('the plugin’s own exit code is passed on, while stdin is still open', () =>
  withPlace(async ({cwd, env}) => {
    await withReady({cwd, env}, async ({stdin, ended}) => {
      stdin.write(execute(2, 'crash', {}))
      assert.is(await ended, 3)
    })
  }))

test('bytes that are no frame are the plugin’s to refuse', () =>
  withPlace(async ({cwd, env}) => {
    const {code, stdout, stderr} = await runCommandLine(STDIO, {cwd, env, input: 'GET / HTTP/1.1\r\n\r\n'})
    assert.is.not(code, 0)
    assert.is(stdout, '')
    assert.match(stderr, /FramingError/)
  }))

test('Ctrl-C ends a plugin in a busy loop too', () =>
  withPlace(async ({cwd, env}) => {
    await editFile(join(cwd, 'plugin/main.js'), "console.log('waiting')", "console.log('waiting'); for (;;);")
    await withReady({cwd, env}, async ({stdin, sees, kill, ended}) => {
      stdin.write(execute(2, 'wait', {}))
      await sees('stderr', /waiting/)
      kill('SIGINT')
      assert.is(await ended, 130)
    })
  }))

test('when the command is killed, its plugin goes too, even from a busy loop', () =>
  withTempFolder(cwd =>
    deadline(LIMIT_MS, async () => {
      await copyAuthorPlugin(cwd)
      await editFile(join(cwd, 'plugin/main.js'), "console.log('waiting')", "console.log('waiting'); for (;;);")
      await withReady({cwd, env: {TMPDIR: cwd}}, async ({stdin, sees, kill, ended}) => {
        stdin.write(execute(2, 'wait', {}))
        await sees('stderr', /waiting/)
        assert.ok((await findLeaks(join(cwd, 'plugin-host-'))).length > 0, 'the look finds it while it runs')
        kill('SIGKILL')
        assert.is(await ended, 'SIGKILL')
        await eventually(5000, async () => (await findLeaks(join(cwd, 'plugin-host-'))).length === 0, 'its end')
      })
    }),
  ))

test.run()
