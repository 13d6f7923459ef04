import {spawn, spawnSync} from 'node:child_process'
import {mkdir, readFile, writeFile} from 'node:fs/promises'
import {delimiter, join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline, eventually} from '../support/deadline.ts'
import {withHttp} from '../support/http.ts'
import {isAlive} from '../support/is-alive.ts'
import {runCommandLine} from '../support/run-command-line.ts'
import {withTempFolder} from '../support/temp.ts'

const LAUNCHER = join(import.meta.dirname, '../../bin/launcher.cjs')

/** A Node older than this package wants, from the path; undefined where this machine has none. */
function findOlderNode(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(folder => !folder.includes('node_modules'))
  return folders
    .map(folder => join(folder, 'node'))
    .find(file => {
      const {status, stdout} = spawnSync(file, ['--version'], {encoding: 'utf8'})
      return status === 0 && Number(/^v(\d+)/.exec(stdout)?.[1]) < 24
    })
}

const test = suite('launcher')
const older = findOlderNode()
// A machine without an old Node has nothing to show here: its own Node is what everything else runs on.
const testOlder: typeof test = older ? test : Object.assign(() => {}, test)

test('it runs in this very process when that is the Node that comes along', async () => {
  const {code, stdout} = await runCommandLine(['--version'], {from: 'launcher'})
  const {version} = JSON.parse(await readFile(join(LAUNCHER, '../../package.json'), 'utf8'))
  assert.equal([code, stdout], [0, `${version}\n`])
})

testOlder('an older Node is left for the one that comes along; output, input and exit codes go through', async () => {
  const options = {from: 'launcher', node: older ?? ''} as const
  const good = await runCommandLine(['--version'], options)
  assert.equal([good.code, good.stderr], [0, ''])
  const bad = await runCommandLine(['execute', 'a', 'b', '--input', '-', '--url', 'http://127.0.0.1:1'], {
    ...options,
    input: '{broken',
  })
  assert.is(bad.code, 2)
  assert.match(bad.stderr, /Cannot read --input: .*JSON/)
})

testOlder('a signal sent to the launcher reaches the command, and its end is the launcher’s', () =>
  withFollower(async ({child, command}) => {
    child.kill('SIGTERM')
    const code = await deadline(10_000, new Promise(resolve => child.once('close', resolve)), 'the end')
    // To stop following is no failure; a launcher that died of the signal itself would have no code.
    assert.is(code, 0)
    assert.not.ok(isAlive(command))
  }),
)

testOlder('a launcher that is killed takes the command with it', () =>
  withFollower(async ({child, command}) => {
    child.kill('SIGKILL')
    await eventually(10_000, () => !isAlive(command), 'the end of the command')
  }),
)

testOlder('without a Node that is new enough it says what to install', () =>
  withTempFolder(async folder => {
    await mkdir(join(folder, 'bin'))
    await mkdir(join(folder, 'dist/bin'), {recursive: true})
    await writeFile(join(folder, 'dist/bin/main.js'), '')
    await writeFile(join(folder, 'bin/launcher.cjs'), await readFile(LAUNCHER))
    const {status, stderr} = spawnSync(older ?? '', [join(folder, 'bin/launcher.cjs')], {encoding: 'utf8'})
    assert.is(status, 1)
    assert.match(stderr, /Cannot start plugin-host: this is Node v\d+.*\nInstall Node 24 or newer/)
  }),
)

test('without dist/ it says how to build', () =>
  withTempFolder(async folder => {
    await mkdir(join(folder, 'bin'))
    await writeFile(join(folder, 'bin/launcher.cjs'), await readFile(LAUNCHER))
    const args = [join(folder, 'bin/launcher.cjs')]
    const {status, stderr} = spawnSync(process.execPath, args, {encoding: 'utf8'})
    assert.is(status, 1)
    assert.match(stderr, /it is not built\nRun "npm run build"/)
  }))

/** Runs with a command that lasts (`logs -f` on a real server), started by an older Node. */
async function withFollower(
  run: (running: {child: ReturnType<typeof spawn>; command: number}) => Promise<void>,
): Promise<void> {
  await withHttp(async ({url, host}) => {
    const args = ['logs', 'echo', '-f', '--url', url, '--token', 'admin-token']
    const child = spawn(older ?? '', [LAUNCHER, ...args], {stdio: ['ignore', 'pipe', 'inherit']})
    try {
      await eventually(10_000, () => host.followers() > 0, 'the follower')
      const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
      await run({child, command: Number(children.trim().split(' ')[0])})
    } finally {
      child.kill('SIGKILL')
    }
  })
}

test.run()
