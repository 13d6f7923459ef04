import {suite} from 'uvu'
import {equal, is, match} from 'uvu/assert'
import {PluginFailure} from '../../host/errors.ts'
import type {ExecuteRequest, OutputRow} from '../../host/types.ts'
import {eventually} from '../support/deadline.ts'
import {describeAction, describeActions, SECRET, withExecutor} from '../support/executor.ts'

const test = suite('what an execution writes back')
const manifest = describeActions({a: describeAction({label: 'Create user'})}, {name: 'Directory'})

function about(record: string, rows: OutputRow[] = []): Partial<ExecuteRequest> {
  const [module = '', id = ''] = record.split(':')
  return {record, ...(rows.length > 0 && {output: {module: module as 'request', record: id, rows}})}
}

test('a note in the request’s history tells plugin, action, status and message; secrets are taken out', () =>
  withExecutor(
    manifest,
    () => ({output: 1, message: `made with ${SECRET}`}),
    async ({run, desk}) => {
      desk.createRequest({subject: 's'})
      const outcome = await run('a', about('request:1'))
      equal(
        desk.readNotes('1').map(({author, text, public: open}) => [author, text, open]),
        [['echo', 'Directory (Echo): Create user succeeded: made with [secret]', false]],
      )
      equal(
        outcome.effects.map(({status, from}) => [status, from]),
        [['applied', 'note']],
      )
    },
  ))

test('a failure leaves a note, too, with its code', () =>
  withExecutor(
    manifest,
    () => {
      throw new PluginFailure({code: 'NO', category: 'business', message: 'x'.repeat(5000), retryable: false})
    },
    async ({run, desk}) => {
      desk.createRequest({subject: 's'})
      const outcome = await run('a', about('request:1'))
      is(outcome.status, 'failed')
      const [note] = desk.readNotes('1')
      match(note?.text ?? '', /^Directory \(Echo\): Create user failed \[NO\]: x+…$/)
      is(note?.text.length, 2000)
    },
  ))

test('no note without a request, nor where the registration wants none', () =>
  withExecutor(
    manifest,
    () => ({output: 1}),
    async ({run, desk}) => {
      desk.createRequest({subject: 's'})
      await run('a')
      await run('a', about('asset:1'))
      await run('a', {...about('request:1'), registration: 'quiet'})
      equal(desk.readNotes('1'), [])
      await run('a', about('request:1'))
      is(desk.readNotes('1').length, 1)
    },
  ))

test('rows of a mapping are written whatever the plugin may do, and their failure is not the plugin’s', () =>
  withExecutor(
    manifest,
    () => ({output: 1, message: 'told', effects: [{op: 'request.update', request: '1', fields: {status: 'closed'}}]}),
    async ({run, desk}) => {
      desk.createRequest({subject: 's'})
      const good = await run('a', about('request:1', [{source: 'message', field: 'description'}]))
      equal(
        good.effects.map(({status, from}) => [status, from]),
        [
          ['denied', undefined],
          ['applied', 'mapping'],
          ['applied', 'note'],
        ],
      )
      const record = await desk.get('request', '1')
      equal([record?.status, record?.description], ['open', 'told'])
      const bad = await run('a', about('request:99', [{source: 'message', field: 'description'}]))
      is(bad.status, 'succeeded')
      equal(
        bad.effects.map(({status, error}) => [status, error?.code]),
        [
          ['denied', 'EFFECT_DENIED'],
          ['failed', 'EFFECT_FAILED'],
          ['failed', 'EFFECT_FAILED'],
        ],
      )
    },
  ))

test('one that was accepted and then cannot be run is told in the history, too', () =>
  withExecutor(
    manifest,
    () => ({output: 1}),
    async test => {
      const {executor, desk} = test
      desk.createRequest({subject: 's'})
      const rows: OutputRow[] = [{source: 'error.code', field: 'description', when: 'failed'}]
      const request = {registration: 'echo', action: 'a', input: {}, ...about('request:1', rows)}
      const [accepted] = await executor.queue.submit([request])
      test.active = {manifest: describeActions({b: describeAction()}), version: '2.0.0'}
      executor.queue.start()
      const id = accepted?.execution ?? ''
      await eventually(5000, () => executor.get(id).endedAt !== null)
      const {status, effects} = executor.get(id)
      equal([status, effects.map(effect => effect.from)], ['failed', ['mapping', 'note']])
      match(desk.readNotes('1')[0]?.text ?? '', /^echo.*: a failed \[ACTION_NOT_FOUND\]: Cannot find action/i)
      is((await desk.get('request', '1'))?.description, 'ACTION_NOT_FOUND')
    },
  ))

test('rows of assets and users are written to them', () =>
  withExecutor(
    manifest,
    () => ({output: 1, message: 'seen'}),
    async ({run, desk}) => {
      const asset = await desk.create('asset', {name: 'laptop'}, 'test')
      const user = await desk.create('user', {name: 'Ann'}, 'test')
      await run('a', about(`asset:${asset.id}`, [{source: 'message', field: 'name'}]))
      await run('a', about(`user:${user.id}`, [{source: 'message', field: 'name'}]))
      is((await desk.get('asset', asset.id))?.name, 'seen')
      is((await desk.get('user', user.id))?.name, 'seen')
    },
  ))

test.run()
