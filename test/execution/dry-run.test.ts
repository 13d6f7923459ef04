import {suite} from 'uvu'
import {equal, is, match, ok} from 'uvu/assert'
import {PluginFailure} from '../../host/errors.ts'
import type {Effect} from '../../runtime/protocol.ts'
import {describeAction, describeActions, refusal, withExecutor} from '../support/executor.ts'

const test = suite('dry runs')
const manifest = describeActions({
  read: describeAction({effect: 'read'}),
  native: describeAction({dryRun: 'native'}),
  plain: describeAction(),
})

test('each kind of action has its own fence, and the outcome and the record tell it', () =>
  withExecutor(
    manifest,
    () => ({output: 1}),
    async ({run, executor, calls, sealed}) => {
      for (const [action, fence] of [
        ['read', 'read'],
        ['native', 'native'],
        ['plain', 'sealed'],
      ] as const) {
        const outcome = await run(action, {mode: 'dryRun'})
        equal([outcome.status, outcome.fence], ['succeeded', fence])
        is(executor.get(outcome.execution).fence, fence)
      }
      equal(sealed, ['execute'], 'only the last went to a sealed process')
      is(calls.length, 3)
      is((await run('plain')).fence, null)
      is((await run('plain', {mode: 'test'})).fence, null)
      equal(sealed, ['execute'], 'and only as a dry run')
    },
  ))

test('what cannot be sealed is refused, and told why', async () => {
  for (const [change, why] of [
    [{process: {command: ['python3', 'main.py']}}, /a plugin that is a program of its own cannot be sealed/],
    [{permissions: {addons: true}}, /a plugin with native add-ons cannot be sealed/],
  ] as const) {
    await withExecutor(
      {...manifest, ...change} as never,
      () => ({output: 1}),
      async ({run, calls}) => {
        const error = await refusal(run('plain', {mode: 'dryRun'}))
        is(error.code, 'DRY_RUN_UNSUPPORTED')
        match(error.message, why)
        equal(calls, [])
        is((await run('read', {mode: 'dryRun'})).fence, 'read', 'reading needs no seal')
        is((await run('native', {mode: 'dryRun'})).fence, 'native', 'nor does a promise')
      },
    )
  }
})

test('a failure behind the seal says that there was one; any other does not', () => {
  const network = {
    code: 'NETWORK',
    category: 'network',
    message: 'no route',
    hint: 'check it',
    retryable: false,
  } as const
  return withExecutor(
    manifest,
    () => {
      throw new PluginFailure(network)
    },
    async ({run}) => {
      const {error, message} = await run('plain', {mode: 'dryRun'})
      is(error?.message, 'The dry run was sealed: no route')
      is(message, error?.message)
      match(error?.hint ?? '', /^check it\nIt had no network/)
      is((await run('native', {mode: 'dryRun'})).error?.message, 'no route')
      is((await run('plain')).error?.message, 'no route')
    },
  )
})

test('nothing of a dry run reaches the main server: effects and rows of the mapping are shown, no note is written', () => {
  const effects: Effect[] = [{op: 'request.update', request: '1', fields: {status: 'closed'}}]
  return withExecutor(
    {...manifest, permissions: {effects: ['request.update']}},
    () => ({output: 1, effects, message: 'would'}),
    async ({run, desk}) => {
      desk.createRequest({subject: 's'})
      const output = {module: 'request', record: '1', rows: [{source: 'message', field: 'description'}]} as const
      const target = {record: 'request:1', output: {...output, rows: [...output.rows]}}
      const dry = await run('plain', {mode: 'dryRun', ...target})
      equal(
        dry.effects.map(({status, from}) => [status, from]),
        [
          ['shown', undefined],
          ['shown', 'mapping'],
        ],
      )
      equal([(await desk.get('request', '1'))?.status, desk.readNotes('1')], ['open', []])
      const live = await run('plain', target)
      equal(
        live.effects.map(({status, from}) => [status, from]),
        [
          ['applied', undefined],
          ['applied', 'mapping'],
          ['applied', 'note'],
        ],
        'the same, live, does all of it',
      )
      const record = await desk.get('request', '1')
      equal([record?.status, record?.description, desk.readNotes('1').length], ['closed', 'would', 1])
      ok(!JSON.stringify(dry.effects).includes('request.note'))
    },
  )
})

test.run()
