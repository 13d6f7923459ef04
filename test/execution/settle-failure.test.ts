import {suite} from 'uvu'
import {equal, is, not, ok} from 'uvu/assert'
import {HostError, PluginFailure} from '../../host/errors.ts'
import type {WireError} from '../../runtime/protocol.ts'
import {deadline} from '../support/deadline.ts'
import {describeAction, describeActions, hang, refusal, withExecutor} from '../support/executor.ts'

const test = suite('what a failed call comes to')
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

test('a plugin that cannot say whether it was done is asked, and the outcome is as open as its answer', async () => {
  for (const [done, status] of [
    ['yes', 'succeeded'],
    ['no', 'failed'],
    ['unknown', 'unknown'],
  ] as const) {
    const asked: string[] = []
    await withExecutor(
      describeActions({a: typed}),
      method => {
        asked.push(method)
        if (method === 'verify') return {done, output: {n: 3}}
        throw failure({category: 'unknown', code: 'NO_ANSWER'})
      },
      async ({run}) => {
        is((await run('a', {input: {n: 1}})).status, status)
        equal(asked, ['execute', 'verify'])
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
