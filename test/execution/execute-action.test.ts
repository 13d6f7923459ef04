import {suite} from 'uvu'
import {equal, is, match, not} from 'uvu/assert'
import {PluginFailure} from '../../host/errors.ts'
import {SECRET_MASK} from '../../host/types.ts'
import type {WireError} from '../../runtime/protocol.ts'
import {describeAction, describeActions, refusal, SECRET, withExecutor} from '../support/executor.ts'

const test = suite('execute-action')
const failure = (change: Partial<WireError> = {}): PluginFailure =>
  new PluginFailure({code: 'NO', category: 'business', message: 'not today', retryable: false, ...change})
const typed = describeAction({
  input: {
    type: 'object',
    required: ['n'],
    properties: {
      n: {type: 'integer'},
      unit: {type: 'string', default: 'ms'},
      pin: {type: 'string', 'x-fp-secret': true},
    },
  },
  output: {type: 'object', required: ['n'], properties: {n: {type: 'integer'}}},
})

test('a good call answers its output, is recorded with what was asked, and is told once', () =>
  withExecutor(
    describeActions({a: typed}),
    (_, {input}) => ({output: input, effects: [], message: 'done'}),
    async ({run, executor, calls, finished, clock}) => {
      const given = {n: 5}
      const trace = {traceparent: '00-1-2-01'}
      const outcome = await run('a', {input: given, by: 'ann', trace, deadlineMs: 2000})
      const output = {n: 5, unit: 'ms'}
      const {execution} = outcome
      const told = {
        execution,
        status: 'succeeded',
        output,
        effects: [],
        message: 'done',
        error: null,
        attempts: 1,
        fence: null,
      } as const
      equal(outcome, {...told, durationMs: 0})
      equal(given, {n: 5}, 'the caller’s input is left alone')
      const context = {
        registration: 'echo',
        action: 'a',
        input: output,
        mode: 'live',
        deadline: clock.now() + 2000,
      } as const
      equal(calls[0]?.params, {...context, execution, attempt: 1, idempotencyKey: execution, trace})
      is(calls[0]?.options.deadline, clock.now() + 2000)
      const recorded = executor.get(execution)
      const where = {
        registration: 'echo',
        plugin: 'echo',
        version: '1.0.0',
        action: 'a',
        mode: 'live',
        by: 'ann',
      } as const
      const when = {startedAt: clock.now(), endedAt: clock.now(), durationMs: 0}
      const rest = {durable: false, record: null, mapping: null, origin: null, tries: [], nextAttemptAt: null}
      equal(recorded, {...told, ...where, ...when, ...rest, input: output, records: 0, artifacts: []})
      equal(finished, [recorded])
      is(executor.running(), 0)
    },
  ))

test('what cannot be executed is refused before anything runs, and leaves no record', () =>
  withExecutor(
    describeActions({a: typed, b: describeAction()}),
    () => ({output: {n: 1}}),
    async ({run, executor, calls}) => {
      const code = async (change: object, action = 'a'): Promise<string> =>
        (await refusal(run(action, {input: {n: 1}, ...change}))).code
      is(await code({registration: 'none'}), 'REGISTRATION_NOT_FOUND')
      is(await code({registration: 'off'}), 'REGISTRATION_DISABLED')
      is(await code({registration: 'gone'}), 'PLUGIN_NOT_FOUND')
      is(await code({}, 'constructor'), 'ACTION_NOT_FOUND')
      match((await refusal(run('c'))).message, /it has a, b/)
      for (const deadlineMs of [0, -1, Number.NaN]) is(await code({deadlineMs}), 'REQUEST_INVALID')
      for (const idempotencyKey of ['', 'x'.repeat(256)]) is(await code({idempotencyKey}), 'REQUEST_INVALID')
      const error = await refusal(run('a', {input: {n: 'five'}}))
      is(error.code, 'INPUT_INVALID')
      match(error.message, /\/n must be integer/)
      equal([calls, executor.list()], [[], []])
    },
  ))

test('the deadline is the caller’s, capped, or the action’s own', () =>
  withExecutor(
    describeActions({a: describeAction(), b: describeAction({timeoutMs: 700})}),
    () => ({output: null}),
    async ({run, calls, clock}) => {
      await run('a')
      await run('b')
      await run('b', {deadlineMs: 900})
      await run('b', {deadlineMs: 99_000_000})
      equal(
        calls.map(({options}) => options.deadline - clock.now()),
        [30_000, 700, 900, 50_000],
      )
    },
    {maxDeadlineMs: 50_000},
  ))

test('an answer that does not fit is a bug of the plugin, told with its place', () =>
  withExecutor(
    describeActions({a: typed}),
    (_, {input}) => (input as {answer: unknown}).answer,
    async ({run, executor}) => {
      const place = async (answer: unknown): Promise<string> => {
        const outcome = await run('a', {input: {n: 1, answer: answer as never}})
        equal([outcome.status, outcome.error?.code, outcome.error?.category], ['failed', 'OUTPUT_INVALID', 'bug'])
        is(outcome.output, null)
        is(executor.get(outcome.execution).status, 'failed')
        return outcome.error?.message ?? ''
      }
      match(await place(null), /\/output is required/)
      match(await place('text'), /\/output is required/)
      match(await place({}), /\/output is required/)
      match(await place({output: {n: 'x'}}), /\/output\/n must be integer/)
      match(await place({output: {n: 1}, message: 5}), /\/message must be a text/)
      match(await place({output: {n: 1}, effects: {}}), /\/effects must be a list/)
      match(await place({output: {n: 1}, effects: [{op: 'request.delete'}]}), /\/effects\/0\/op must be one of/)
      match(
        await place({output: {n: 1}, effects: [{op: 'request.note', request: '1'}]}),
        /\/effects\/0\/text is required/,
      )
    },
  ))

test('an answer is held to the manifest of the version that gave it', () =>
  withExecutor(
    describeActions({a: typed}),
    () => ({output: {text: 'of the new version'}}),
    async test => {
      const {run} = test
      is((await run('a', {input: {n: 1}})).status, 'failed')
      const old = test.active
      const next = {manifest: describeActions({a: describeAction()}), version: '2.0.0'}
      Object.defineProperty(test, 'active', {get: () => (test.calls.length > 1 ? next : old)})
      const outcome = await run('a', {input: {n: 1}})
      is(outcome.status, 'succeeded')
      is(test.executor.get(outcome.execution).version, '2.0.0')
    },
  ))

test('the plugin’s own failure comes out as it is, secrets aside', () =>
  withExecutor(
    describeActions({a: describeAction()}),
    () => {
      throw failure({message: `no ${SECRET}`, hint: 'ask', field: '/n'})
    },
    async ({run}) => {
      const outcome = await run('a')
      const error = {
        code: 'NO',
        category: 'business',
        message: 'no [secret]',
        retryable: false,
        hint: 'ask',
        field: '/n',
      }
      equal([outcome.status, outcome.error, outcome.message], ['failed', error, 'no [secret]'])
    },
  ))

test('secrets of the configuration and of the input are in no outcome, record or note', () =>
  withExecutor(
    describeActions({a: {...typed, output: {}}}, {permissions: {effects: ['request.note']}}),
    () => ({
      output: {said: `${SECRET} and ${Buffer.from('input-secret').toString('hex')}`, n: 1},
      effects: [{op: 'request.note', request: '1', text: `it is ${SECRET}`}],
      message: 'input-secret',
    }),
    async ({run, desk, executor, calls}) => {
      desk.createRequest({subject: 's'})
      const outcome = await run('a', {input: {n: 1, pin: 'input-secret', text: `x ${SECRET}`}})
      equal(outcome.output, {said: '[secret] and [secret]', n: 1})
      is(outcome.message, '[secret]')
      is(desk.readNotes('1')[0]?.text, 'it is [secret]')
      equal(executor.get(outcome.execution).input, {n: 1, pin: SECRET_MASK, text: 'x [secret]', unit: 'ms'})
      match(JSON.stringify(calls[0]?.params.input), /"pin":"input-secret"/, 'the plugin gets the real one')
      not.match(JSON.stringify(executor.list()), /input-secret|configured-secret/)
    },
  ))

test.run()
