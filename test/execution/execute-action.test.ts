import {suite} from 'uvu'
import {equal, is, match, not, ok} from 'uvu/assert'
import {HostError, PluginFailure} from '../../host/errors.ts'
import {SECRET_MASK} from '../../host/types.ts'
import type {WireError} from '../../runtime/protocol.ts'
import {deadline} from '../support/deadline.ts'
import {describeAction, describeActions, hang, refusal, SECRET, withExecutor} from '../support/executor.ts'

const test = suite('execute-action')
const failure = (change: Partial<WireError> = {}): PluginFailure =>
  new PluginFailure({code: 'NO', category: 'business', message: 'not today', retryable: false, ...change})
const timeout = (): HostError => new HostError('EXECUTION_TIMED_OUT', {action: 'a', ms: 5})
const crash = (): HostError => new HostError('PLUGIN_CRASHED', {id: 'echo', reason: 'exit code 1'})
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
      equal(recorded, {...told, ...where, ...when, input: output, records: 0, artifacts: []})
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
      is(await code({mode: 'dryRun'}), 'DRY_RUN_UNSUPPORTED')
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
      is(desk.listNotes('1')[0]?.text, 'it is [secret]')
      equal(executor.get(outcome.execution).input, {n: 1, pin: SECRET_MASK, text: 'x [secret]', unit: 'ms'})
      match(JSON.stringify(calls[0]?.params.input), /"pin":"input-secret"/, 'the plugin gets the real one')
      not.match(JSON.stringify(executor.list()), /input-secret|configured-secret/)
    },
  ))

test('a failure worth it is tried again with the same execution and key, until it works', () => {
  let tries = 0
  return deadline(5000, () =>
    withExecutor(
      describeActions({a: describeAction({idempotency: 'key'})}),
      (_, {attempt}) => {
        queueMicrotask(() => setImmediate(() => advance(2000)))
        tries++
        if (tries < 3) throw failure({category: 'rateLimit', retryable: true, retryAfterMs: 1500})
        return {output: attempt}
      },
      async ({run, calls, clock}) => {
        advance = ms => clock.advance(ms)
        const started = clock.now()
        const outcome = await run('a')
        equal([outcome.status, outcome.attempts, outcome.output], ['succeeded', 3, 3])
        ok(clock.now() - started >= 3000)
        is(new Set(calls.map(({params}) => params.execution)).size, 1)
        is(new Set(calls.map(({params}) => params.idempotencyKey)).size, 1)
      },
    ),
  )
})
let advance = (_ms: number): void => {}

test('a crash is tried again only where that does no harm, and says whether trying again is safe', async () => {
  for (const [action, attempts, retryable] of [
    [describeAction(), 1, false],
    [describeAction({idempotency: 'natural', retry: {max: 1, baseMs: 1}}), 2, true],
    [describeAction({effect: 'read', retry: {max: 1, baseMs: 1}}), 2, true],
  ] as const) {
    await deadline(5000, () =>
      withExecutor(
        describeActions({a: action}),
        () => {
          queueMicrotask(() => setImmediate(() => advance(10)))
          throw crash()
        },
        async ({run, clock}) => {
          advance = ms => clock.advance(ms)
          const {status, attempts: tried, error} = await run('a')
          equal([status, tried, error?.code, error?.category], ['failed', attempts, 'PLUGIN_CRASHED', 'unavailable'])
          is(error?.retryable, retryable)
        },
      ),
    )
  }
})

test('a call that never reached the plugin is refused, tried again first where waiting may help', async () => {
  for (const [code, tries] of [
    ['PLUGIN_BUSY', 1],
    ['PLUGIN_DISABLED', 1],
    ['PLUGIN_PARKED', 1],
    ['PLUGIN_NOT_RUNNING', 3],
    ['PLUGIN_STOPPED', 3],
  ] as const) {
    await deadline(5000, () =>
      withExecutor(
        describeActions({a: describeAction()}),
        () => {
          queueMicrotask(() => setImmediate(() => advance(1000)))
          throw new HostError(code, {id: 'echo', state: 'away', reason: 'x'})
        },
        async ({run, executor, calls, clock}) => {
          advance = ms => clock.advance(ms)
          is((await refusal(run('a'))).code, code)
          equal([calls.length, executor.list(), executor.running()], [tries, [], 0])
        },
      ),
    )
  }
})

test('a caller who goes away and a cancel end the call as cancelled', () =>
  deadline(5000, () =>
    withExecutor(
      describeActions({a: describeAction()}),
      (_method, _params, options) => hang(options),
      async ({run, executor}) => {
        const controller = new AbortController()
        const gone = run('a', {signal: controller.signal})
        const cancelled = run('a')
        const [last, first] = executor.list()
        equal([first?.status, last?.status, executor.running()], ['running', 'running', 2])
        controller.abort()
        is((await gone).status, 'cancelled')
        is(executor.cancel(last?.execution ?? '').execution, last?.execution)
        const outcome = await cancelled
        equal([outcome.status, outcome.error?.code], ['cancelled', 'EXECUTION_CANCELLED'])
        is(executor.cancel(outcome.execution).status, 'cancelled', 'a second cancel changes nothing')
        const late = await run('a', {signal: AbortSignal.abort()})
        equal([late.status, late.attempts], ['cancelled', 0])
      },
    ),
  ))

test('after a timeout the plugin is asked whether it was done', async () => {
  const cases = [
    {verified: {done: 'yes', output: {n: 3}, message: 'sent'}, status: 'succeeded', output: {n: 3}},
    {verified: {done: 'yes', output: 'odd'}, status: 'succeeded', output: null},
    {verified: {done: 'no'}, status: 'timedOut', output: null},
    {verified: {done: 'unknown'}, status: 'unknown', output: null},
    {verified: 'nonsense', status: 'unknown', output: null},
    {verified: new HostError('PLUGIN_UNSUPPORTED', {id: 'echo', method: 'verify'}), status: 'unknown', output: null},
  ] as const
  for (const {verified, status, output} of cases) {
    await withExecutor(
      describeActions({a: typed}),
      method => {
        if (method === 'execute') throw timeout()
        if (verified instanceof Error) throw verified
        return verified
      },
      async ({run, calls, executor}) => {
        const outcome = await run('a', {input: {n: 1}})
        equal([outcome.status, outcome.output, outcome.attempts], [status, output, 1])
        equal(
          calls.map(({method}) => method),
          ['execute', 'verify'],
        )
        is(executor.get(outcome.execution).status, status)
        if (status === 'timedOut') is(outcome.error?.retryable, true)
        if (status === 'unknown') equal([outcome.error?.category, outcome.error?.retryable], ['unknown', false])
      },
    )
  }
})

test('nobody is asked about a timeout that can have done nothing', async () => {
  const unsent = new HostError('EXECUTION_TIMED_OUT', {action: 'a', ms: 5, sent: false})
  for (const [action, error, mode] of [
    [describeAction({effect: 'read'}), timeout(), 'live'],
    [describeAction({dryRun: 'native'}), timeout(), 'dryRun'],
    [describeAction(), unsent, 'live'],
  ] as const) {
    await withExecutor(
      describeActions({a: action}),
      () => {
        throw error
      },
      async ({run, calls}) => {
        equal([(await run('a', {mode})).status, calls.length], ['timedOut', 1])
      },
    )
  }
})

test('progress reaches the caller', () =>
  withExecutor(
    describeActions({a: describeAction()}),
    (_method, _params, {onProgress}) => {
      onProgress?.({done: 1, total: 2})
      return {output: null}
    },
    async ({run}) => {
      const seen: unknown[] = []
      await run('a', {onProgress: progress => void seen.push(progress)})
      equal(seen, [{done: 1, total: 2}])
    },
  ))

test('a list shows running executions among the ended, each once', () =>
  deadline(5000, () =>
    withExecutor(
      describeActions({a: describeAction(), b: describeAction()}),
      (_method, {action}, options) => (action === 'b' ? hang(options) : {output: null}),
      async ({run, executor, clock}) => {
        const first = await run('a')
        clock.advance(1)
        const pending = run('b', {idempotencyKey: 'stored at once'})
        clock.advance(1)
        const last = await run('a')
        const [newest, middle, oldest] = executor.list()
        equal([newest?.execution, oldest?.execution], [last.execution, first.execution])
        equal([middle?.action, middle?.status], ['b', 'running'])
        equal(executor.list({status: 'running'}), [middle])
        is(executor.list({limit: 2}).length, 2)
        executor.cancelAll()
        is((await pending).status, 'cancelled')
        is((await refusal(Promise.resolve().then(() => executor.get('none')))).code, 'EXECUTION_NOT_FOUND')
      },
    ),
  ))

test('a fault of the host itself is an outcome too, and is told to the server’s log', () =>
  withExecutor(
    describeActions({a: describeAction()}),
    () => {
      throw new TypeError('secret internals')
    },
    async ({run}) => {
      const {status, error} = await run('a')
      equal([status, error?.code], ['failed', 'HOST_INTERNAL'])
      not.match(JSON.stringify(error), /secret internals/)
    },
  ))

test.run()
