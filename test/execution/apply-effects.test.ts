import {suite} from 'uvu'
import {equal, is} from 'uvu/assert'
import type {Effect} from '../../runtime/protocol.ts'
import {describeAction, describeActions, withExecutor} from '../support/executor.ts'

const test = suite('apply-effects')
const note = (text: string, request = '1'): Effect => ({op: 'request.note', request, text})
const manifest = describeActions(
  {a: describeAction({dryRun: 'native'})},
  {permissions: {effects: ['request.note', 'request.update']}},
)
const effects: Effect[] = [
  note('first'),
  note('nowhere', '99'),
  {op: 'asset.upsert', asset: {name: 'x'}},
  {op: 'request.update', request: '1', fields: {status: 'closed'}},
]

test('effects are applied in order; a denied or failed one is told, holds up nothing and fails nothing', () =>
  withExecutor(
    manifest,
    () => ({output: null, effects}),
    async ({run, desk, executor}) => {
      desk.createRequest({subject: 's'})
      const outcome = await run('a', {by: 'ann'})
      is(outcome.status, 'succeeded')
      equal(
        outcome.effects.map(({status, error, result}) => [status, error?.code, error?.category, result]),
        [
          ['applied', undefined, undefined, {id: '1'}],
          ['failed', 'EFFECT_FAILED', 'business', undefined],
          ['denied', 'EFFECT_DENIED', 'config', undefined],
          ['applied', undefined, undefined, {id: '1'}],
        ],
      )
      equal(
        outcome.effects.map(({effect}) => effect),
        effects,
      )
      equal(executor.get(outcome.execution).effects, outcome.effects)
      is((await desk.get('request', '1'))?.status, 'closed')
      equal(
        desk.readNotes('1').map(({text}) => text),
        ['first'],
      )
      is((await desk.search('asset', {})).total, 0)
    },
  ))

test('a dry run shows what it would change and changes nothing', () =>
  withExecutor(
    manifest,
    () => ({output: null, effects}),
    async ({run, desk}) => {
      desk.createRequest({subject: 's'})
      const outcome = await run('a', {mode: 'dryRun'})
      equal(
        outcome.effects.map(({status}) => status),
        ['shown', 'shown', 'denied', 'shown'],
      )
      equal(desk.readNotes('1'), [])
      is((await desk.get('request', '1'))?.status, 'open')
    },
  ))

test('a test is a live run: its effects are applied', () =>
  withExecutor(
    manifest,
    () => ({output: null, effects: [note('from a test')]}),
    async ({run, desk}) => {
      desk.createRequest({subject: 's'})
      is((await run('a', {mode: 'test'})).effects[0]?.status, 'applied')
      is(desk.readNotes('1').length, 1)
    },
  ))

test.run()
