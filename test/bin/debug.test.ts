import {mkdir, readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {CONFIG, copyAuthorPlugin, editFile} from '../support/author-plugin.ts'
import {deadline} from '../support/deadline.ts'
import {findLeaks} from '../support/leaks.ts'
import {type Finished, runCommandLine} from '../support/run-command-line.ts'
import {withTempFolder} from '../support/temp.ts'
import {withCommandLine} from '../support/with-command-line.ts'

const LIMIT_MS = 120_000

interface Debugged {
  cwd: string
  env: {TMPDIR: string}
  /** `debug plugin` with these lines at its prompt. */
  say(lines: string[], ...args: string[]): Promise<Finished>
}

/** A folder with the author fixture; afterwards no file and no process may be left. */
function withDebug(work: (debugged: Debugged) => Promise<void>): Promise<void> {
  return withTempFolder(cwd =>
    deadline(LIMIT_MS, async () => {
      const env = {TMPDIR: join(cwd, 'tmp')}
      await mkdir(env.TMPDIR)
      await copyAuthorPlugin(cwd)
      const say = (lines: string[], ...args: string[]): Promise<Finished> =>
        runCommandLine(['debug', 'plugin', ...args], {cwd, env, input: lines.map(line => `${line}\n`).join('')})
      await work({cwd, env, say})
      assert.equal(await readdir(env.TMPDIR), [])
      assert.equal(await findLeaks(cwd), [])
    }),
  )
}

const test = suite('debug')

test('each command answers in turn, as people read it', () =>
  withDebug(async ({say}) => {
    const lines = [
      'help',
      'call greet {"name":"Bo"}',
      'call greet',
      'dry close',
      'call close {"request":"1"}',
      'effects',
      'test',
      'options color gr',
      'status',
      'call count',
      'restart',
      'call count',
      'logs 3',
      'quit',
      'call greet {"name":"too late"}',
    ]
    const {code, stdout, stderr} = await say(lines, ...CONFIG)
    assert.is(code, 0, stderr)
    const order = [
      /call <action> \[json\] +execute an action/,
      /"greeting": "Hello, Bo"/,
      /"greeting": "Hello, Ann"/,
      /shown +request\.update 1/,
      /applied request\.update 1\n {2}status: "closed"/,
      /shown +request\.update 1.*applied request\.update 1/s,
      /ok +reach .*it works/s,
      /GREEN {2}"green"/,
      /state +running/,
      /"count": 1/,
      /example\.author 1\.0\.0: running/,
      /"count": 2/,
      /stderr +printed at load/,
    ]
    let rest = stdout
    for (const pattern of order) {
      const found = pattern.exec(rest)
      assert.ok(found, `${pattern} comes next in\n${rest}`)
      rest = rest.slice(found.index + found[0].length)
    }
    assert.not.match(stdout, /too late/)
    assert.match(stderr, /printed while greeting/)
  }))

test('frames are shown while they are on, secrets taken out', () =>
  withDebug(async ({say}) => {
    const lines = [
      'call greet',
      'frames on',
      'call leak',
      'config {"token":"another-secret"}',
      'frames off',
      'call greet',
    ]
    const {code, stderr, stdout} = await say(lines, ...CONFIG)
    assert.is(code, 0, stderr)
    const frames = stderr.split('\n').filter(line => /^(->|<-) /.test(line))
    const methods = frames.flatMap(line => {
      const {method, id} = JSON.parse(line.slice(3))
      return method && id !== undefined ? [method] : []
    })
    assert.equal(methods, ['execute', 'configure'])
    assert.ok(frames.some(line => line.startsWith('<- ') && line.includes('[secret]')))
    for (const text of [stdout, stderr]) assert.not.match(text, /hunter2|another-secret/)
  }))

test('with --json each answer is one document on a line; what fails is told, and the exit code is 1', () =>
  withDebug(async ({say}) => {
    const lines = ['call greet', '', 'nonsense', 'call nope', 'call greet {', 'config []', 'call refuse', 'call greet']
    const {code, stdout} = await say(lines, '--json', ...CONFIG)
    assert.is(code, 1)
    const told = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    assert.equal(
      told.map(({command, answer, error}) => error?.code ?? [command, answer.status]),
      [['call', 'succeeded'], 'USAGE', 'ACTION_NOT_FOUND', 'USAGE', 'USAGE', ['call', 'failed'], ['call', 'succeeded']],
    )
  }))

test('without its configuration a plugin starts, and takes calls when it has got one', () =>
  withDebug(async ({say}) => {
    const {code, stdout, stderr} = await say(['call greet', 'config {"token":"hunter2"}', 'call greet'])
    assert.is(code, 1)
    assert.match(stderr, /it has no configuration\n {2}Say: config <json>/)
    assert.match(stdout, /^\{"token":"••••••"\}\nsucceeded /)
  }))

test('a crash is told, and the plugin is there again for the next call', () =>
  withDebug(async ({say}) => {
    const {stdout, stderr} = await say(['call crash', 'call greet'], ...CONFIG)
    assert.match(stdout, /failed .*exit code 3.*succeeded /s)
    assert.match(stderr, /error host +The process ended: it crashed; exit code 3/)
  }))

test('Ctrl-C gives up the call and ends the prompt', () =>
  withDebug(async ({cwd, env}) => {
    await withCommandLine(['debug', 'plugin', ...CONFIG], {cwd, env}, async ({stdin, sees, kill, ended, stdout}) => {
      stdin.write('call wait\n')
      await sees('stderr', /waiting/)
      kill('SIGINT')
      await ended
      assert.match(stdout(), /^cancelled /)
    })
  }))

test('--inspect tells the debugger’s address, which answers', () =>
  withDebug(async ({cwd, env}) => {
    const args = ['debug', 'plugin', '--inspect', ...CONFIG]
    await withCommandLine(args, {cwd, env}, async ({stdin, sees, ended, stderr}) => {
      const [, address] = await sees('stderr', /say "node inspect (127\.0\.0\.1:\d+)"/)
      const targets = (await (await fetch(`http://${address}/json/list`)).json()) as {type: string; title: string}[]
      assert.equal(
        targets.map(({type}) => type),
        ['node'],
      )
      stdin.end('call greet\nquit\n')
      assert.is(await ended, 0, stderr())
      assert.not.match(stderr(), /Warning/)
    })
  }))

test('--inspect-brk waits for the debugger for as long as it takes', () =>
  withDebug(async ({cwd, env}) => {
    // Shorter than a person takes to attach: a timer that were not paused would end the process.
    await editFile(join(cwd, 'plugin/plugin.json'), '"entry"', '"process": {"startTimeoutMs": 1000}, "entry"')
    const args = ['debug', 'plugin', '--inspect-brk', ...CONFIG]
    await withCommandLine(args, {cwd, env}, async ({stdin, sees, ended, stdout, stderr}) => {
      const [, url = ''] = await sees('stderr', /Debugger listening on (ws:\S+)/)
      stdin.end('call greet\n')
      await new Promise(resolve => setTimeout(resolve, 1500))
      assert.is(stdout(), '', 'it waits')
      await letRun(url)
      assert.is(await ended, 0, stderr())
      assert.match(stdout(), /"greeting": "Hello, Ann"/)
    })
  }))

test('a debugger cannot attach to a program of another language', () =>
  withDebug(async ({cwd, say}) => {
    await editFile(join(cwd, 'plugin/plugin.json'), '"entry": "main.js"', '"process": {"command": ["/bin/true"]}')
    const {code, stderr} = await say([], '--inspect', ...CONFIG)
    assert.is(code, 2)
    assert.match(stderr, /it is no Node program/)
  }))

/** What a debugger says first: run. And then, as it stopped before the first line: go on. */
async function letRun(url: string): Promise<void> {
  const socket = new WebSocket(url)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, {once: true})
    socket.addEventListener('error', reject, {once: true})
  })
  const paused = new Promise(resolve => {
    socket.addEventListener('message', ({data}) => {
      if (JSON.parse(String(data)).method === 'Debugger.paused') resolve(undefined)
    })
  })
  const commands = ['Debugger.enable', 'Runtime.enable', 'Runtime.runIfWaitingForDebugger']
  for (const [id, method] of commands.entries()) socket.send(JSON.stringify({id, method}))
  await paused
  socket.send(JSON.stringify({id: 9, method: 'Debugger.resume'}))
  await new Promise(resolve => {
    socket.addEventListener('message', ({data}) => {
      if (JSON.parse(String(data)).id === 9) resolve(undefined)
    })
  })
  socket.close()
}

test.run()
