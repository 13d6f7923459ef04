import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {METHODS, RPC_CODES} from '../../runtime/protocol.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {executeParams} from '../support/fixture-process.ts'
import {initializeParams, withRawPlugin} from '../support/raw-plugin.ts'

const test = suite('the runtime in a plugin process')

test('answers initialize with the version chosen and what the plugin can do', () =>
  deadline(
    20_000,
    withRawPlugin('tells', {}, async ({ask}) => {
      const {result} = await ask(METHODS.initialize, initializeParams({min: 1, max: 7}))
      assert.equal(result, {
        protocol: 1,
        hostApi: 1,
        capabilities: {
          actions: ['config', 'call', 'environment', 'argv'],
          configure: true,
          test: true,
          options: ['color'],
          verify: ['config'],
          migrate: true,
        },
      })
    }),
  ))

for (const [range, remedy] of [
  [{min: 5, max: 6}, /Rebuild the plugin/],
  [{min: 0, max: 0}, /Update the server/],
] as const) {
  test(`refuses a host that speaks ${range.min} to ${range.max}, naming both versions and the remedy`, () =>
    deadline(
      20_000,
      withRawPlugin('echo', {}, async ({ask}) => {
        const {error} = await ask(METHODS.initialize, initializeParams(range))
        assert.is(error?.code, RPC_CODES.versionMismatch)
        const data = error?.data as {plugin: string; host: string; remedy: string}
        assert.is(data.plugin, '1')
        assert.match(data.host, new RegExp(String(range.min)))
        assert.match(data.remedy, remedy)
      }),
    ))
}

test('serves nothing of the plugin before initialize, and initialize only once', () =>
  deadline(
    20_000,
    withRawPlugin('echo', {}, async ({ask}) => {
      assert.is((await ask(METHODS.execute, executeParams('echo', 1))).error?.code, RPC_CODES.methodNotFound)
      await ask(METHODS.initialize, initializeParams())
      assert.is((await ask(METHODS.initialize, initializeParams())).error?.code, RPC_CODES.invalidRequest)
      assert.equal((await ask(METHODS.execute, executeParams('echo', 1))).result, {output: 1, effects: [], message: ''})
    }),
  ))

test('exits when its stdin ends', () =>
  deadline(
    20_000,
    withRawPlugin('echo', {}, async ({ask, child, exited}) => {
      await ask(METHODS.initialize, initializeParams())
      child.stdin?.end()
      assert.is(await exited, 0)
    }),
  ))

test('says what a method or an action is that it does not offer', () =>
  deadline(
    20_000,
    withRawPlugin('echo', {}, async ({ask}) => {
      await ask(METHODS.initialize, initializeParams())
      for (const [method, params] of [
        ['nonsense', {}],
        [METHODS.execute, executeParams('toString')],
        [METHODS.options, {registration: 'r', field: 'x', search: '', values: {}, deadline: 0}],
        [METHODS.verify, {...executeParams('echo'), deadline: 0}],
        [METHODS.migrate, {fromVersion: 1, toVersion: 2, config: {}}],
        [METHODS.test, {registration: 'r', config: {}, deadline: 0}],
      ] as const) {
        assert.is((await ask(method, params)).error?.code, RPC_CODES.methodNotFound, method)
      }
    }),
  ))

test('hands configurations, choices, verification, migration and the connection test to the plugin', () =>
  deadline(
    20_000,
    withRawPlugin('tells', {}, async ({ask}) => {
      await ask(METHODS.initialize, initializeParams())
      await ask(METHODS.configure, {registration: 'r', name: 'R', config: {user: 'ann'}})
      const common = {registration: 'r', deadline: Date.now() + 1000}
      assert.equal((await ask(METHODS.options, {...common, field: 'color', search: 're', values: {}})).result, {
        options: [
          {value: 'red', label: 'red'},
          {value: 'green', label: 'green'},
        ],
        more: false,
      })
      assert.equal((await ask(METHODS.verify, {...common, execution: 'e', action: 'config', input: null})).result, {
        done: 'yes',
        output: 'verified',
      })
      assert.equal((await ask(METHODS.migrate, {fromVersion: 1, toVersion: 2, config: {a: 1}})).result, {
        config: {a: 1, migrated: true},
      })
      const tested = (await ask(METHODS.test, {...common, config: {user: 'bob'}})).result as {
        ok: boolean
        stages: {name: string; ok: boolean}[]
      }
      assert.equal(
        [tested.ok, tested.stages.map(({name, ok}) => [name, ok])],
        [
          true,
          [
            ['reach', true],
            ['login', true],
          ],
        ],
      )
      await ask(METHODS.configure, {registration: 'r', name: 'R', config: null})
      const {result} = await ask(METHODS.execute, executeParams('config'))
      assert.equal(result, {output: {mine: {}, all: {r: null}}, effects: [], message: ''})
    }),
  ))

test('tells a failed stage of the connection test, and the failure behind it', () =>
  deadline(
    20_000,
    withRawPlugin('fails-self-test', {}, async ({ask}) => {
      await ask(METHODS.initialize, initializeParams())
      const {result} = await ask(METHODS.test, {registration: 'r', config: {}, deadline: Date.now() + 1000})
      const {ok, stages, error} = result as {
        ok: boolean
        stages: {ok: boolean; message: string}[]
        error: {category: string}
      }
      assert.equal(
        [ok, stages[0]?.ok, stages[0]?.message, error.category],
        [false, false, 'connection refused', 'network'],
      )
    }),
  ))

test('gives a call all that was sent with it', () =>
  deadline(
    20_000,
    withRawPlugin('tells', {}, async ({ask}) => {
      await ask(METHODS.initialize, initializeParams())
      const trace = {traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'}
      const params = executeParams('call', null, {
        execution: 'e9',
        mode: 'dryRun',
        attempt: 2,
        idempotencyKey: 'k',
        deadline: 123,
        trace,
      })
      const {result} = await ask(METHODS.execute, params)
      const expected = {mode: 'dryRun', dryRun: true, attempt: 2, key: 'k', execution: 'e9', deadline: 123, trace}
      assert.equal((result as {output: unknown}).output, expected)
    }),
  ))

test('cancels what is running when asked, and answers so', () =>
  deadline(
    20_000,
    withRawPlugin('gives-up', {}, async ({ask, notify}) => {
      await ask(METHODS.initialize, initializeParams())
      const answer = ask(METHODS.execute, executeParams('run'))
      notify(METHODS.cancel, {id: 1})
      assert.is((await answer).error?.code, RPC_CODES.cancelled)
    }),
  ))

test('keeps prints off a wire that is its stdout, where no descriptor can be set aside', () =>
  deadline(
    30_000,
    withRawPlugin('prints', {wireOnStdout: true}, async ({ask, stderr, others}) => {
      await ask(METHODS.initialize, initializeParams())
      for (let n = 1; n <= 50; n++) {
        assert.equal((await ask(METHODS.execute, executeParams('echo', {n}))).result, {
          output: {n},
          effects: [],
          message: '',
        })
      }
      for (const how of ['console', 'stdout', 'fd']) {
        await eventually(
          2000,
          () => stderr().includes(`${how} at load\n`) && stderr().includes(`${how} during 50\n`),
          `${how} on stderr`,
        )
      }
      assert.equal(others, [])
    }),
  ))

test.run()
