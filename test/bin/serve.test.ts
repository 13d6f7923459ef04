import {spawn} from 'node:child_process'
import {stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline, eventually} from '../support/deadline.ts'
import {isAlive} from '../support/is-alive.ts'
import {runCommandLine} from '../support/run-command-line.ts'
import {withTempFolder} from '../support/temp.ts'

const LIMIT_MS = 60_000
const LAUNCHER = join(import.meta.dirname, '../../bin/launcher.cjs')

interface Serving {
  cwd: string
  pid: number
  url: string
  token: string
  stdout(): string
  stop(signal: NodeJS.Signals): Promise<number | null>
}

/** Runs with `plugin-host serve` in an empty folder, everything but the port left to itself. */
function withServe(run: (serving: Serving) => Promise<void>): Promise<void> {
  return withTempFolder(cwd =>
    deadline(LIMIT_MS, async () => {
      const args = [LAUNCHER, 'serve', '--port', '0', '--json']
      const child = spawn(process.execPath, args, {cwd, stdio: ['ignore', 'pipe', 'ignore']})
      const ended = new Promise<number | null>(resolve => child.once('close', resolve))
      let stdout = ''
      child.stdout.on('data', chunk => (stdout += chunk))
      try {
        const line = await eventually(20_000, () => (stdout.includes('\n') ? stdout : undefined), 'the address')
        const {url, token, pid} = JSON.parse(line)
        const stop = (signal: NodeJS.Signals): Promise<number | null> => {
          child.kill(signal)
          return ended
        }
        await run({cwd, url, token, pid, stdout: () => stdout, stop})
      } finally {
        child.kill('SIGTERM')
        await ended
      }
    }),
  )
}

const test = suite('serve')

test('a plugin made by init is built, installed, executed and removed, and the server stops by SIGTERM', () =>
  withServe(async ({cwd, pid, token, stdout, stop}) => {
    const run = (...args: string[]): ReturnType<typeof runCommandLine> => runCommandLine(args, {cwd, from: 'launcher'})
    for (const args of [
      ['init', 'greeter', '--yes'],
      ['build', 'greeter', '--out', 'g.fp'],
      ['install', 'g.fp'],
    ]) {
      const {code, stderr} = await run(...args)
      assert.is(code, 0, stderr)
    }
    const {stdout: text} = await run('execute', 'greeter', 'hello', '--input', '{"name":"Ann"}', '--json')
    const outcome = JSON.parse(text)
    assert.equal([outcome.status, outcome.output], ['succeeded', {greeting: 'Hello, Ann'}])
    const [line] = JSON.parse((await run('logs', 'greeter', '--json')).stdout)
    assert.equal([line.message, line.fields], ['greeting', {name: 'Ann'}])
    assert.is((await run('remove', 'greeter')).code, 0)
    assert.is((await run('execute', 'greeter', 'hello')).code, 1)
    assert.is((await stat(token)).mode & 0o777, 0o400)
    assert.is(await stop('SIGTERM'), 0)
    assert.not.ok(isAlive(pid))
    assert.is(stdout().trimEnd().split('\n').length, 1, 'one document, nothing else')
    assert.match((await run('list')).stderr, /^SERVER_UNKNOWN /)
  }))

test('a second server on the same data folder is refused and the first goes on', () =>
  withServe(async ({cwd, stop}) => {
    const second = await runCommandLine(['serve', '--port', '0'], {cwd})
    assert.is(second.code, 1)
    assert.match(second.stderr, /^HOST_LOCKED /m)
    assert.is((await runCommandLine(['list'], {cwd})).code, 0)
    assert.is(await stop('SIGINT'), 0)
  }))

test('a setting that is not known is wrong use', () =>
  withTempFolder(async cwd => {
    await writeFile(join(cwd, 'settings.json'), JSON.stringify({http: {prt: 1}}))
    const {code, stderr} = await runCommandLine(['serve', '--config', 'settings.json'], {cwd})
    assert.is(code, 2)
    assert.match(stderr, /^HOST_CONFIG_INVALID .*prt/)
    assert.is((await runCommandLine(['serve', '--port', 'many'], {cwd})).code, 2)
  }))

test.run()
