import {readFile} from 'node:fs/promises'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import type {Permissions} from '../../runtime/protocol.ts'
import {deadline} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {withHost} from '../support/plugin-harness.ts'

const test = suite('what a plugin may ask of the host')

const ACTIONS = Object.fromEntries(
  ['search', 'kv', 'records', 'artifact', 'effects'].map(name => [
    name,
    {effect: 'update' as const, dryRun: 'native' as const},
  ]),
)

const withCaller = <T>(permissions: Partial<Permissions>, run: Parameters<typeof withHost<T>>[1]): Promise<T> =>
  deadline(
    30_000,
    withHost({}, async opened => {
      await opened.host.installBundle(await buildFixture(opened.folder, 'calls-host', {actions: ACTIONS, permissions}))
      return run(opened)
    }),
  )

test('without the permission a request is refused, and the outcome says which one is missing', () =>
  withCaller({}, async ({host}) => {
    for (const action of ['search', 'kv']) {
      const {status, error} = await host.execute({registration: 'calls-host', action, input: 1})
      assert.is(status, 'failed')
      assert.is(error?.code, 'HOST_API_DENIED')
      assert.match(error?.message ?? '', /has no permission for it/)
    }
  }))

test('with it, it finds requests and keeps values over a restart', () =>
  withCaller({hostApi: ['requests.search', 'kv.set', 'kv.get']}, async ({host, desk}) => {
    desk.createRequest({subject: 'x marks the spot'})
    const found = await host.execute({registration: 'calls-host', action: 'search', input: null})
    assert.is((found.output as {total: number}).total, 1)
    const kept = await host.execute({registration: 'calls-host', action: 'kv', input: {deep: [1]}})
    assert.equal(kept.output, {deep: [1]})
  }))

test('records are stored when they are answered, and an artifact is a file with its type', () =>
  withCaller({}, async ({host}) => {
    const found = await host.execute({registration: 'calls-host', action: 'records', input: {count: 1234}})
    assert.is(host.getExecution(found.execution).records, 1234)
    const written = await host.execute({registration: 'calls-host', action: 'artifact', input: {lines: 400_000}})
    assert.is(written.status, 'succeeded')
    assert.equal(host.getExecution(written.execution).artifacts, [
      {name: 'report.csv', type: 'text/csv', bytes: 1_600_000},
    ])
    const {path, type} = host.getArtifact(written.execution, 'report.csv')
    assert.is(type, 'text/csv')
    assert.ok((await readFile(path, 'utf8')) === 'a;b\n'.repeat(400_000))
  }))

test('effects are applied where permitted, shown in a dry run, and reported apart when they fail', () =>
  withCaller({effects: ['request.note', 'request.update']}, async ({host, desk}) => {
    const {id} = desk.createRequest({subject: 'Printer on fire'})
    const request = String(id)
    const effects = [
      {op: 'request.note', request, text: 'forwarded'},
      {op: 'asset.upsert', asset: {name: 'a'}},
      {op: 'request.note', request: '999999', text: 'nobody hears this'},
    ]
    const dry = await host.execute({registration: 'calls-host', action: 'effects', input: {effects}, mode: 'dryRun'})
    assert.is(dry.effects[0]?.status, 'shown')
    assert.equal(desk.readNotes(request), [])
    const live = await host.execute({registration: 'calls-host', action: 'effects', input: {effects}})
    assert.is(live.status, 'succeeded')
    assert.equal(
      live.effects.map(effect => effect.status),
      ['applied', 'denied', 'failed'],
    )
    assert.equal(
      desk.readNotes(request).map(note => note.text),
      ['forwarded'],
    )
  }))

test.run()
