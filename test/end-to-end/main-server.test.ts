import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {isHostError} from '../../host/errors.ts'
import type {ConfigInput, OpenedHost} from '../../host/index.ts'
import {type ItsmServer, startItsmServer} from '../services/itsm-server/itsm-server.ts'
import {ACCOUNT} from '../services/itsm-server/tokens.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {withHost} from '../support/plugin-harness.ts'

const test = suite('the main server behind the host')

const ACTION = {effect: 'update' as const, dryRun: 'native' as const}

test('a file that a plugin makes becomes an attachment of the request', () =>
  deadline(
    30_000,
    withHost({}, async ({host, desk, folder}) => {
      const actions = {report: ACTION}
      await host.installBundle(
        await buildFixture(folder, 'attaches', {actions, permissions: {effects: ['request.attach']}}),
      )
      const {id} = desk.createRequest({subject: 'Report, please'})
      const outcome = await host.execute({registration: 'attaches', action: 'report', input: {request: id}})
      assert.equal(
        outcome.effects.map(({status}) => status),
        ['applied', 'failed'],
      )
      assert.match(outcome.effects[1]?.error?.message ?? '', /made no artifact "other.csv"/)
      const files = await host.listAttachments(id)
      assert.equal(
        files.map(({name, type, bytes}) => [name, type, bytes]),
        [['report.csv', 'text/csv', 4]],
      )
    }),
  ))

type RestTest = OpenedHost & {folder: string; server: ItsmServer}

function withRestHost(
  run: (test: RestTest) => Promise<void>,
  mainServer: ConfigInput['mainServer'] = {},
): Promise<void> {
  return deadline(60_000, async () => {
    const server = await startItsmServer()
    try {
      const settings: ConfigInput['mainServer'] = {kind: 'rest', url: server.url, ...ACCOUNT, ...mainServer}
      await withHost({mainServer: settings}, async opened => {
        const actions = {search: ACTION, effects: ACTION}
        const permissions = {
          hostApi: ['requests.search' as const],
          effects: ['request.update' as const, 'request.note' as const],
        }
        await opened.host.installBundle(await buildFixture(opened.folder, 'calls-host', {actions, permissions}))
        await run({...opened, server})
      })
    } finally {
      await server.stop()
    }
  })
}

test('by REST, plugins find its requests and their effects reach it; its secrets stay with the host', () =>
  withRestHost(async ({host, server, folder}) => {
    const made = await host.createRecord('request', {subject: 'x marks', requester: 'ann@example.com'}, 'ann')
    const found = await host.execute({registration: 'calls-host', action: 'search', input: null})
    assert.is((found.output as {total: number}).total, 1)
    const effects = [
      {op: 'request.update', request: made.id, fields: {'AD account': 'aberg'}},
      {op: 'request.note', request: made.id, text: 'made'},
      {op: 'request.update', request: made.id, fields: {Priority: 'Sky-high'}},
    ]
    const outcome = await host.execute({registration: 'calls-host', action: 'effects', input: {effects}})
    assert.is(outcome.status, 'succeeded')
    assert.equal(
      outcome.effects.map(({status, error}) => [status, error?.category]),
      [
        ['applied', undefined],
        ['applied', undefined],
        ['failed', 'business'],
      ],
    )
    assert.equal((await host.getRecord('request', made.id)).fields, {'AD account': 'aberg'})
    assert.is(server.state.conversations.get(1)?.length, 1)
    const status = await host.mainServerStatus()
    assert.equal([status.kind, status.ok], ['rest', true])
    const refused = await host
      .createField({module: 'request', label: 'x', type: 'text'})
      .catch((error: unknown) => error)
    assert.ok(isHostError(refused, 'MAIN_SERVER_REFUSED'))
    const isThere = async (): Promise<boolean> => (await findText(join(folder, 'data'), ['aberg'])).length > 0
    await eventually(10_000, isThere, 'the execution on the disk')
    assert.equal(await findText(join(folder, 'data'), [ACCOUNT.password, ACCOUNT.clientSecret, 'access.1']), [])
  }))

/** Files below the folder that hold one of the texts. */
async function findText(folder: string, texts: string[]): Promise<string[]> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true})
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  const holding = await Promise.all(
    files.map(async file => {
      const bytes = await readFile(file)
      return texts.some(text => bytes.includes(text)) ? [file] : []
    }),
  )
  return holding.flat()
}

test('a main server that is not there fails the effect, not the action, and is told by the status', () =>
  withRestHost(async ({host, server}) => {
    await server.stop()
    const effects = [{op: 'request.note', request: '1', text: 'nobody hears this'}]
    const outcome = await host.execute({registration: 'calls-host', action: 'effects', input: {effects}})
    assert.is(outcome.status, 'succeeded')
    const [effect] = outcome.effects
    assert.equal([effect?.status, effect?.error?.code], ['failed', 'MAIN_SERVER_UNAVAILABLE'])
    const {ok, message} = await host.mainServerStatus()
    assert.equal([ok, /nothing listens/.test(message)], [false, true])
    const lookup = await host.getRecord('request', '1').catch((error: unknown) => error)
    assert.ok(isHostError(lookup, 'MAIN_SERVER_UNAVAILABLE'))
  }))

test('settings that cannot work keep the server from starting', async () => {
  const opened = withHost({mainServer: {kind: 'rest', url: 'http://127.0.0.1:1', username: 'ann'}}, async () => {})
  const error = await opened.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(isHostError(error, 'HOST_CONFIG_INVALID'))
  assert.match(String(error), /mainServer.password/)
})

test.run()
