import {execFileSync, spawn} from 'node:child_process'
import {once} from 'node:events'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {createFrameReader, encodeFrame} from '../../runtime/framing.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {needs} from '../support/needs.ts'
import {withPlugin} from '../support/plugin-harness.ts'

const test = suite('python')
const pythonTest = needs(test, {program: 'python3', package: 'python3'})
const folder = join(import.meta.dirname, '../../plugins/examples/python')

pythonTest('it is installed, configured and executed like any other, and what it logs is in its log', () =>
  deadline(60_000, () =>
    withPlugin(folder, {config: {greeting: 'Grüß Gott'}}, async plugin => {
      const outcome = await plugin.execute('hello', {name: 'Ann'})
      assert.equal([outcome.status, outcome.output], ['succeeded', {greeting: 'Grüß Gott, Ann!'}])
      assert.is(outcome.message, 'Grüß Gott, Ann!')
      await eventually(2000, () => plugin.logs().some(({message}) => message === 'greeted Ann'))
      const calls = Array.from({length: 50}, (_, n) => plugin.execute('hello', {name: String(n)}))
      const names = (await Promise.all(calls)).map(({output}) => (output as {greeting: string}).greeting)
      assert.equal(
        names,
        [...calls.keys()].map(n => `Grüß Gott, ${n}!`),
      )
    }),
  ),
)

pythonTest('it tells its progress and what is wrong, and gives up when it is asked to', () =>
  deadline(60_000, () =>
    withPlugin(folder, {}, async plugin => {
      const caller = new AbortController()
      const seen: unknown[] = []
      const running = plugin.execute(
        'wordCount',
        {text: 'a\n'.repeat(100), pauseMs: 10_000},
        {signal: caller.signal, onProgress: progress => seen.push(progress)},
      )
      await eventually(10_000, () => seen.length > 0)
      assert.equal(seen[0], {done: 1, total: 100, message: 'lines counted'})
      caller.abort()
      assert.is((await running).status, 'cancelled')
      const counted = await plugin.execute('wordCount', {text: 'one two\nthree'})
      assert.equal(counted.output, {lines: 2, words: 3})
      const {error} = await plugin.execute('wordCount', {text: ''})
      assert.equal([error?.category, error?.hint], ['input', 'Give it a text'])
      assert.is(plugin.host.getPlugin(plugin.id).restarts, 0)
    }),
  ),
)

pythonTest(
  'without a descriptor of its own the wire is stdout; a wrong version is refused; the end of stdin ends it',
  () =>
    deadline(20_000, async () => {
      const child = spawn('python3', [join(folder, 'main.py')], {
        stdio: ['pipe', 'pipe', 'inherit'],
        env: {PATH: process.env.PATH},
      })
      const answers: unknown[] = []
      const reader = createFrameReader({onMessage: message => answers.push(message)})
      child.stdout.on('data', chunk => reader.push(chunk))
      child.stdin.write(
        encodeFrame({jsonrpc: '2.0', id: 1, method: 'initialize', params: {protocol: {min: 2, max: 3}}}),
      )
      child.stdin.write(encodeFrame({jsonrpc: '2.0', id: 2, method: 'nothing', params: {}}))
      await eventually(5000, () => answers.length === 2)
      assert.equal(
        (answers as {error: {code: number}}[]).map(({error}) => error.code),
        [-32001, -32601],
      )
      const exited = once(child, 'exit')
      child.stdin.end()
      assert.equal(await exited, [0, null])
    }),
)

pythonTest('it is short, and imports nothing but the standard library', () => {
  const source = readFileSync(join(folder, 'main.py'), 'utf8')
  assert.ok(source.trimEnd().split('\n').length <= 150)
  const imported = [...source.matchAll(/^(?:import|from) (\w+)/gm)].map(([, name]) => name)
  const known = execFileSync('python3', ['-c', 'import sys; print(*sys.stdlib_module_names)'], {encoding: 'utf8'})
  assert.equal(
    imported.filter(name => !known.split(/\s/).includes(name ?? '')),
    [],
  )
})

test.run()
