import {suite} from 'uvu'
import {equal, is, not} from 'uvu/assert'
import {HostError, PluginFailure} from '../../host/errors.ts'
import {deadline} from '../support/deadline.ts'
import {describeAction, describeActions, refusal, withExecutor} from '../support/executor.ts'

const test = suite('idempotency')
const manifest = describeActions({a: describeAction({dryRun: 'native'}), b: describeAction()})
const idempotencyKey = 'ticket-7'

test('the same key joins an execution that still runs, and the plugin is called once', () => {
  const {promise: release, resolve} = Promise.withResolvers<void>()
  return deadline(5000, () =>
    withExecutor(
      manifest,
      async () => {
        await release
        return {output: 'once'}
      },
      async ({run, calls, executor}) => {
        const first = run('a', {idempotencyKey})
        const second = run('a', {idempotencyKey, signal: AbortSignal.timeout(60_000)})
        const other = run('a', {idempotencyKey: 'another'})
        is(executor.running(), 2)
        resolve()
        equal(await second, await first)
        not.equal((await other).execution, (await first).execution)
        is(calls.length, 2)
        is(calls[0]?.params.idempotencyKey, idempotencyKey)
      },
    ),
  )
})

test('later the first outcome is given back, also by the next server and also when it failed', () =>
  withExecutor(
    manifest,
    () => {
      throw new PluginFailure({code: 'NO', category: 'business', message: 'no', retryable: false})
    },
    async ({run, calls, reopen}) => {
      const first = await run('a', {idempotencyKey})
      is(first.status, 'failed')
      equal(await run('a', {idempotencyKey}), first)
      equal(await reopen().execute({registration: 'echo', action: 'a', input: {}, idempotencyKey}), first)
      is(calls.length, 1)
    },
  ))

test('another action, registration or mode with the same key is another execution', () =>
  withExecutor(
    manifest,
    () => ({output: null}),
    async ({run, calls}) => {
      await run('a', {idempotencyKey})
      await run('b', {idempotencyKey})
      await run('a', {idempotencyKey, registration: 'other'})
      await run('a', {idempotencyKey, mode: 'dryRun'})
      is(calls.length, 4)
    },
  ))

test('a key is forgotten after its hours', () =>
  withExecutor(
    manifest,
    () => ({output: null}),
    async ({run, calls, clock}) => {
      await run('a', {idempotencyKey})
      clock.advance(2 * 3_600_000)
      await run('a', {idempotencyKey})
      is(calls.length, 1)
      clock.advance(1)
      await run('a', {idempotencyKey})
      is(calls.length, 2)
    },
    {keyHours: 2},
  ))

test('a key whose call was refused unsent may be used again', () => {
  let busy = true
  return withExecutor(
    manifest,
    () => {
      if (busy) throw new HostError('PLUGIN_BUSY', {id: 'echo'})
      return {output: 'done'}
    },
    async ({run, executor}) => {
      is((await refusal(run('a', {idempotencyKey}))).code, 'PLUGIN_BUSY')
      equal(executor.list(), [])
      busy = false
      is((await run('a', {idempotencyKey})).output, 'done')
    },
  )
})

test('an execution with a key is on the disk before the plugin is called', () =>
  withExecutor(
    manifest,
    () => ({output: null}),
    async ({run, store, calls}) => {
      let before: unknown
      const {push} = calls
      calls.push = (...added) => {
        before = store.executions.count()
        return push.apply(calls, added)
      }
      await run('a')
      is(before, 0, 'without a key it is not')
      store.writer.flush()
      await run('a', {idempotencyKey})
      is(before, 2)
    },
  ))

test.run()
