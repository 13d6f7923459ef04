import {spawn} from 'node:child_process'
import {randomBytes} from 'node:crypto'
import {mkdir, writeFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline, eventually} from '../support/deadline.ts'
import {type Served, withHttp} from '../support/http.ts'
import {type Finished, type RunOptions, runCommandLine} from '../support/run-command-line.ts'
import {withTempFolder} from '../support/temp.ts'

const LIMIT_MS = 60_000
const MAIN = join(import.meta.dirname, '../../bin/main.ts')

interface Running extends Served {
  cwd: string
  run(args: string[], options?: RunOptions): Promise<Finished>
  /** The same with --json: what it printed, read. */
  runJson(args: string[], options?: RunOptions): Promise<{code: number | null; data: unknown}>
}

/** Runs with a real server whose address and token lie in ./data, as `serve` leaves them. */
function withServer(work: (running: Running) => Promise<void>): Promise<void> {
  return withTempFolder(cwd =>
    withHttp(served =>
      deadline(LIMIT_MS, async () => {
        await mkdir(join(cwd, 'data'))
        await writeFile(join(cwd, 'data/server.json'), JSON.stringify({url: served.url}))
        await writeFile(join(cwd, 'data/token'), 'admin-token\n')
        const run = (args: string[], options?: RunOptions): Promise<Finished> => runCommandLine(args, {cwd, ...options})
        const runJson = async (args: string[], options?: RunOptions): Promise<{code: number | null; data: unknown}> => {
          const {code, stdout} = await run([...args, '--json'], options)
          return {code, data: JSON.parse(stdout)}
        }
        await work({...served, cwd, run, runJson})
      }),
    ),
  )
}

const test = suite('client-verbs')

test('list, status and the switches show the plugin’s state', () =>
  withServer(async ({run, runJson, host}) => {
    assert.match((await run(['list'])).stdout, /^PLUGIN +VERSION +STATE.*\necho +1\.0\.0 +running/)
    assert.equal((await runJson(['list'])).data, JSON.parse(JSON.stringify(host.listPlugins())))
    assert.match((await run(['status', 'echo'])).stdout, /^plugin +echo {2}Echo$.*^may do +read its own files$/ms)
    assert.is((await runJson(['disable', 'echo'])).code, 0)
    assert.is(host.getPlugin('echo').enabled, false)
    assert.is((await runJson(['enable', 'echo'])).code, 0)
    assert.is(host.getPlugin('echo').enabled, true)
    assert.match((await run(['restart', 'echo'])).stdout, /^echo 1\.0\.0: running\n$/)
    assert.match((await run(['activate', 'echo', '1.0.0'])).stdout, /^echo: nothing -> 1\.0\.0 in 1 ms\n$/)
    assert.equal((await runJson(['remove', 'echo'])).data, {id: 'echo', removed: true})
    assert.match((await run(['list'])).stdout, /^No plugin is installed\n$/)
  }))

test('a refusal is the server’s code, words and remedy, and exits 1', () =>
  withServer(async ({run, runJson}) => {
    const {code, stdout, stderr} = await run(['status', 'none/../such'])
    assert.equal([code, stdout], [1, ''])
    assert.is(stderr, 'PLUGIN_NOT_FOUND Cannot find plugin "none/../such": it is not installed\n')
    const {data} = await runJson(['enable', 'none'])
    assert.is((data as {error: {code: string}}).error.code, 'PLUGIN_NOT_FOUND')
  }))

test('install sends the very bytes, and tells what came of them', () =>
  withServer(async ({run, runJson, cwd, host}) => {
    const bytes = randomBytes(3_000_000)
    await writeFile(join(cwd, 'p.fp'), bytes)
    const {code, stdout} = await run(['install', 'p.fp'])
    assert.is(code, 0)
    assert.match(stdout, /^echo 1\.0\.0 \(2\.9 MiB\): installed and active\n$/)
    assert.ok(host.uploads[0]?.equals(bytes))
    const staged = await runJson(['install', 'p.fp', '--no-activate'])
    assert.is((staged.data as {activated: boolean}).activated, false)
  }))

test('install of a file that is missing, empty or a folder exits 2 and asks no server', () =>
  withServer(async ({run, cwd, host}) => {
    await writeFile(join(cwd, 'empty.fp'), '')
    for (const file of ['none.fp', 'empty.fp', 'data']) assert.is((await run(['install', file])).code, 2, file)
    assert.is(host.uploads.length, 0)
  }))

test('an upload that is refused before its end tells the refusal', () =>
  withServer(async ({run, cwd}) => {
    await writeFile(join(cwd, 'p.fp'), randomBytes(20_000_000))
    const {code, stderr} = await run(['install', 'p.fp', '--token', 'wrong'])
    assert.is(code, 1)
    assert.match(stderr, /^TOKEN_REFUSED /)
  }))

test('execute takes its input as text, from a file and from stdin, and its exit code tells the outcome', () =>
  withServer(async ({run, runJson, cwd, host}) => {
    const input = {word: 'hällo'}
    const text = JSON.stringify(input)
    await writeFile(join(cwd, 'input.json'), text)
    for (const [given, stdin] of [
      [text, ''],
      ['@input.json', ''],
      ['-', text],
    ] as const) {
      const {code, data} = await runJson(['execute', 'echo', 'echo', '--input', given], {input: stdin})
      assert.equal([code, (data as {output: unknown}).output], [0, input], given)
    }
    const failed = await run(['execute', 'echo', 'fail', '--mode', 'dryRun', '--deadline', '1234'])
    assert.is(failed.code, 1)
    assert.match(failed.stdout, /^failed .*\nNO no$/ms)
    assert.is(host.requests.at(-1)?.mode, 'dryRun')
    assert.is(host.requests.at(-1)?.deadlineMs, 1234)
    const listed = await run(['executions', '--status', 'failed'])
    assert.match(listed.stdout, /^EXECUTION.*\ne4 .* fail +failed +1 ms +NO\n$/)
    assert.match((await run(['executions', 'e1'])).stdout, /^input +\{"word":"hällo"\}$/m)
  }))

test('registrations are made, changed, listed and tested', () =>
  withServer(async ({run, runJson, host}) => {
    const made = await runJson(['register', 'echo', '--name', 'two', '--config', '{"a": 1}'])
    assert.equal([made.code, host.getRegistration('two').config], [0, {a: 1}])
    await run(['configure', 'two', '--config', '{"a": 2}', '--disable'])
    assert.equal([host.getRegistration('two').config, host.getRegistration('two').enabled], [{a: 2}, false])
    assert.is((await run(['configure', 'two'])).code, 2)
    assert.is((await run(['configure', 'two', '--config', '[]'])).code, 2)
    assert.match((await run(['registrations', '--plugin', 'echo'])).stdout, /^two +echo +two +off$/m)
    assert.match((await run(['test', 'two'])).stdout, /^ok {5}connect \(1 ms\)\nit works/)
  }))

test('logs prints what is there; logs -f goes on until it is told to stop', () =>
  withServer(async ({run, cwd, host}) => {
    host.log({message: 'first \u001B[31mred\u001B[0m'})
    assert.match((await run(['logs', 'echo'])).stdout, /^\S+ info {2}plugin first red\n$/)
    const child = spawn(process.execPath, [MAIN, 'logs', 'echo', '-f', '--json'], {
      cwd,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      let stdout = ''
      child.stdout.on('data', chunk => (stdout += chunk))
      await eventually(10_000, () => host.followers() > 0, 'the follower')
      host.log({message: 'second'})
      await eventually(10_000, () => stdout.includes('second'), 'the second line')
      child.kill('SIGINT')
      assert.is(await new Promise(resolve => child.once('close', resolve)), 0)
      const lines = stdout.trimEnd().split('\n')
      assert.equal(lines.map(line => JSON.parse(line).message).at(-1), 'second')
      await eventually(10_000, () => host.followers() === 0, 'the follower to go')
    } finally {
      child.kill('SIGKILL')
    }
  }))

test('token prints the local token, and says where it looked when there is none', () =>
  withServer(async ({run, cwd}) => {
    assert.is((await run(['token'])).stdout, 'admin-token\n')
    const {code, stderr} = await run(['token', '--data', join(cwd, 'elsewhere')])
    assert.is(code, 1)
    assert.match(stderr, /^TOKEN_UNREADABLE .*elsewhere/)
  }))

test('a server that does not answer is told with how to start one', () =>
  withTempFolder(async cwd => {
    const none = await runCommandLine(['list'], {cwd})
    assert.is(none.code, 1)
    assert.match(none.stderr, /^SERVER_UNKNOWN .*\n {2}Start it with "plugin-host serve"/)
    const closed = await runCommandLine(['list', '--url', 'http://127.0.0.1:1'], {cwd})
    assert.is(closed.code, 1)
    assert.match(closed.stderr, /^SERVER_UNREACHABLE .*nothing listens there\n {2}Start the server/)
    assert.is((await runCommandLine(['list', '--url', 'nonsense'], {cwd})).code, 2)
  }))

test('the local token is sent to the local server only, and what is no plugin server is told as such', () =>
  withServer(async ({run, url}) => {
    const seen: (string | undefined)[] = []
    const other = createServer((request, response) => {
      seen.push(request.headers.authorization)
      response.end('<html>')
    })
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    try {
      const there = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
      const {code, stderr} = await run(['list', '--url', there])
      assert.is(code, 1)
      assert.match(stderr, /it is not JSON/)
      await run(['list', '--url', there, '--token', 'given'])
      assert.equal(seen, [undefined, 'Bearer given'])
      assert.is((await run(['list', '--url', url])).code, 0)
    } finally {
      other.closeAllConnections()
      await new Promise(resolve => other.close(resolve))
    }
  }))

test.run()
