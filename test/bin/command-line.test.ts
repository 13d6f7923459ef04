import {spawn} from 'node:child_process'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {VERBS} from '../../bin/verbs.ts'
import {deadline} from '../support/deadline.ts'
import {runCommandLine} from '../support/run-command-line.ts'
import {withTempFolder} from '../support/temp.ts'

const MAIN = join(import.meta.dirname, '../../bin/main.ts')

const test = suite('command-line')

test('--help lists every verb with its summary and exits 0', async () => {
  const {code, stdout, stderr} = await runCommandLine(['--help'])
  assert.equal([code, stderr], [0, ''])
  for (const {name, summary} of VERBS) assert.match(stdout, new RegExp(`^  ${name} +${summary}$`, 'm'))
})

test('every verb loads, and tells its use by --help and by help', async () => {
  for (const {name} of VERBS) {
    const {code, stdout} = await runCommandLine([name, '--help'])
    assert.is(code, 0, name)
    assert.match(stdout, new RegExp(`^Usage: plugin-host ${name} `), name)
    assert.match(stdout, /--json/, name)
  }
  assert.match((await runCommandLine(['help', 'build'])).stdout, /^Usage: plugin-host build /)
})

test('--help loads none of the heavy packages, as a build does', () =>
  withTempFolder(async folder => {
    const heavy = /node_modules\/(esbuild|typescript|fastify|json-schema-to-typescript|@clack)\//
    const trace = async (...args: string[]): Promise<string> => {
      const env = {NODE_DEBUG: 'esm,module'}
      return (await runCommandLine(args, {env, cwd: folder})).stderr
    }
    assert.not.match(await trace('--help'), heavy)
    await runCommandLine(['init', 'p', '--yes'], {cwd: folder})
    assert.match(await trace('build', 'p'), heavy)
  }))

test('wrong use exits 2 and suggests what was meant', async () => {
  const verb = await runCommandLine(['buidl'])
  assert.equal([verb.code, verb.stdout], [2, ''])
  assert.match(verb.stderr, /^USAGE .*unknown command 'buidl'\n {2}Did you mean build\?/)
  const option = await runCommandLine(['build', '.', '--ouut', 'x'])
  assert.is(option.code, 2)
  assert.match(option.stderr, /unknown option '--ouut'\n {2}Did you mean --out\?/)
  assert.is((await runCommandLine(['build'])).code, 2)
  assert.is((await runCommandLine(['build', 'a', 'b'])).code, 2)
  assert.is((await runCommandLine([])).code, 2)
})

test('with --json wrong use is one document on stdout too', async () => {
  const {code, stdout} = await runCommandLine(['list', '--nope', '--json'])
  assert.is(code, 2)
  const {error} = JSON.parse(stdout)
  assert.is(error.code, 'USAGE')
})

test('--json behind -- is an argument like any other', async () => {
  const {code, stdout} = await runCommandLine(['check', '--', '--json'])
  assert.equal([code, stdout], [2, ''])
})

test('a reader that closes the pipe early is no error', () =>
  deadline(20_000, async () => {
    const child = spawn(process.execPath, [MAIN, '--help'], {stdio: ['ignore', 'pipe', 'pipe']})
    child.stdout.destroy()
    let stderr = ''
    child.stderr.on('data', chunk => (stderr += chunk))
    const code = await new Promise(resolve => child.once('close', resolve))
    assert.equal([code, stderr], [0, ''])
  }))

test.run()
