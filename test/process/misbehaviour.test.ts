import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {isHostError, PluginFailure} from '../../host/errors.ts'
import {findMarked} from '../../host/process/sweep.ts'
import type {PluginProcess} from '../../host/process/types.ts'
import type {ProcessExit} from '../../host/types.ts'
import {METHODS} from '../../runtime/protocol.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {executeParams, type Launcher, type SpecChange, withLauncher} from '../support/fixture-process.ts'
import {isAlive} from '../support/is-alive.ts'

const test = suite('a misbehaving plugin')

interface Ending {
  error: unknown
  exit: ProcessExit
  neighbour: unknown
}

/** Runs one action of a bad plugin beside a good one that is called all the while. */
async function runBeside(
  launcher: Launcher,
  fixture: string,
  input: object,
  change: SpecChange,
  action: string,
): Promise<Ending> {
  const good = await launcher.launch('echo')
  const bad = await launcher.launch(fixture, change)
  const ended = {done: false}
  const calling = callUntil(good, ended)
  const error = await bad.call(METHODS.execute, executeParams(action, {...input})).then(
    () => undefined,
    reason => reason as unknown,
  )
  const exit = await bad.exited
  ended.done = true
  assert.ok((await calling) > 0)
  assert.not(isAlive(bad.pid))
  return {error, exit, neighbour: await good.call(METHODS.execute, executeParams('echo', 'still here'))}
}

async function callUntil(plugin: PluginProcess, ended: {done: boolean}): Promise<number> {
  let calls = 0
  do {
    const answer = (await plugin.call(METHODS.execute, executeParams('echo', calls))) as {output: number}
    assert.is(answer.output, calls++)
  } while (!ended.done)
  return calls
}

const SETTINGS = {memoryCheckMs: 50, cancelGraceMs: 300}

function endsWith(
  title: string,
  fixture: string,
  expected: {reason: string; cause: RegExp},
  {input = {}, change = {}, action = 'run'}: {input?: object; change?: SpecChange; action?: string} = {},
): void {
  test(`${title}: typed, its neighbour unharmed, nothing left`, () =>
    deadline(
      30_000,
      withLauncher(SETTINGS, async launcher => {
        const {error, exit, neighbour} = await runBeside(launcher, fixture, input, change, action)
        assert.ok(isHostError(error, 'PLUGIN_CRASHED'), String(error))
        assert.is(exit.reason, expected.reason)
        assert.match(error.message, expected.cause)
        assert.equal(neighbour, {output: 'still here', effects: [], message: ''})
      }),
    ))
}

endsWith('that exits', 'exits', {reason: 'crashed', cause: /exit code 3/})
endsWith('that throws outside its call', 'throws-later', {
  reason: 'crashed',
  cause: /TypeError: a plugin threw outside its call/,
})
endsWith('that leaves a rejection unhandled', 'rejects-unhandled', {
  reason: 'crashed',
  cause: /RangeError: nobody caught this/,
})
endsWith(
  'that eats its heap',
  'eats-heap',
  {reason: 'memory', cause: /too much memory/},
  {change: {limits: {memoryMb: 96}}},
)
endsWith(
  'that eats memory outside its heap',
  'eats-buffers',
  {reason: 'memory', cause: /MiB of 128 MiB/},
  {change: {limits: {memoryMb: 128}}},
)
for (const [text, cause] of [
  ['garbage', /is not of the protocol: "hello, I am no frame/],
  ['giant', /is not of the protocol: "Content-Length: 10000000000/],
  ['large', /99999999 bytes is over the limit/],
  ['negative', /is not of the protocol: "Content-Length: -5/],
  ['hex', /is not of the protocol: "Content-Length: 0x10/],
  ['twice', /is not of the protocol: "Content-Length: 5/],
  ['header', /is not of the protocol: "Content-Length: 5/],
  ['json', /a frame is not JSON/],
  ['deep', /nests deeper than 64/],
  ['proto', /has the key "__proto__"/],
  ['neither', /not exactly one of result and error/],
  ['batch', /a message is no object/],
] as const) {
  endsWith(`that writes ${text} to the wire`, 'writes-raw', {reason: 'protocolError', cause}, {input: {text}})
}

test('that answers twice is heard once, and told in its log', () =>
  deadline(
    20_000,
    withLauncher({}, async ({launch, logs}) => {
      const plugin = await launch('answers-twice')
      const other = plugin.call(METHODS.execute, executeParams('echo', 'mine'))
      assert.equal(((await other) as {output: unknown}).output, 'mine')
      const answer = (await plugin.call(METHODS.execute, executeParams('run'))) as {output: unknown}
      assert.is(answer.output, 'forged')
      await eventually(2000, () => logs.some(line => /answered a call twice/.test(line.message)))
      assert.equal(
        ((await plugin.call(METHODS.execute, executeParams('echo', 'after'))) as {output: unknown}).output,
        'after',
      )
    }),
  ))

test('that ignores a cancelled call is ended after the grace, and says so', () =>
  deadline(
    20_000,
    withLauncher({cancelGraceMs: 300}, async ({launch}) => {
      for (const fixture of ['hangs', 'spins']) {
        const plugin = await launch(fixture)
        const controller = new AbortController()
        const call = plugin.call(METHODS.execute, executeParams('run'), {signal: controller.signal})
        controller.abort(new Error('the caller gave up'))
        const error = await call.catch(reason => reason as Error)
        assert.is((error as Error).message, 'the caller gave up')
        assert.is((await plugin.exited).reason, 'cancelIgnored')
      }
    }),
  ))

test('that gives up when asked keeps its process', () =>
  deadline(
    20_000,
    withLauncher({cancelGraceMs: 300}, async ({launch}) => {
      const plugin = await launch('gives-up')
      const controller = new AbortController()
      const calls = ['run', 'finishes'].map(action =>
        plugin.call(METHODS.execute, executeParams(action), {signal: controller.signal}),
      )
      controller.abort(new Error('the caller gave up'))
      const [given, finished] = await Promise.allSettled(calls)
      assert.is(given?.status === 'rejected' && (given.reason as Error).message, 'the caller gave up')
      assert.is(finished?.status === 'fulfilled' && (finished.value as {output: unknown}).output, 'done after all')
      assert.is(plugin.inFlight, 0)
      await plugin.ping()
    }),
  ))

test('that ignores SIGTERM and never ends its stop is killed at the end of the ladder', () =>
  deadline(
    20_000,
    withLauncher({drainMs: 200, terminateMs: 200}, async ({launch}) => {
      const plugin = await launch('ignores-sigterm')
      const exit = await plugin.stop()
      assert.is(exit.reason, 'stopped')
      assert.is(exit.signal, 'SIGKILL')
      assert.not(isAlive(plugin.pid))
    }),
  ))

test('that double-forks leaves nothing behind', () =>
  deadline(
    30_000,
    withLauncher({}, async ({launch}) => {
      const plugin = await launch('double-forks', {permissions: {exec: true}})
      await plugin.call(METHODS.execute, executeParams('run'))
      const environment = await import('node:fs/promises').then(fs =>
        fs.readFile(`/proc/${plugin.pid}/environ`, 'latin1'),
      )
      const mark = /FP_PROCESS=([0-9a-f]+)/.exec(environment)?.[1] ?? ''
      assert.ok((await findMarked(mark)).length >= 4, 'the plugin and three that left its group')
      await plugin.stop()
      assert.equal(await findMarked(mark), [])
    }),
  ))

test('that floods its output holds nobody up', () =>
  deadline(
    60_000,
    withLauncher({}, async ({launch, logs}) => {
      const good = await launch('echo')
      const plugin = await launch('floods')
      for (const action of ['stdout', 'stderr', 'log']) {
        const ended = {done: false}
        const calling = callUntil(good, ended)
        await plugin.call(METHODS.execute, executeParams(action, {lines: 20_000}))
        ended.done = true
        assert.ok((await calling) > 0)
      }
      await eventually(10_000, () => logs.length >= 60_000, 'every line')
    }),
  ))

test('that fails says why, in the words and category its author chose', () =>
  deadline(
    20_000,
    withLauncher({}, async ({launch}) => {
      const plugin = await launch('fails')
      const fail = async (action: string): Promise<unknown> => {
        const error = await plugin.call(METHODS.execute, executeParams(action)).catch(reason => reason as unknown)
        assert.instance(error, PluginFailure)
        return (error as PluginFailure).data
      }
      assert.equal(await fail('auth'), {
        code: 'LOGIN',
        category: 'auth',
        message: 'The login was refused',
        hint: 'Enter the password again',
        field: '/config/password',
        retryable: false,
      })
      assert.equal(await fail('busy'), {
        code: 'SLOW_DOWN',
        category: 'rateLimit',
        message: 'Too many requests',
        retryable: true,
        retryAfterMs: 1500,
      })
      const bug = (await fail('bug')) as {category: string; message: string; stack: string}
      assert.is(bug.category, 'bug')
      assert.match(bug.stack, /main\.cjs/)
      assert.equal(await fail('text'), {code: 'BUG', category: 'bug', message: 'just words', retryable: false})
    }),
  ))

test.run()
