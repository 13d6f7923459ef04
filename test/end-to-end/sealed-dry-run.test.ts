import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {suite} from 'uvu'
import {equal, is, match, ok} from 'uvu/assert'
import type {JsonObject, Permissions} from '../../runtime/protocol.ts'
import {deadline} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {withHost} from '../support/plugin-harness.ts'

const test = suite('a sealed dry run')
const action = {effect: 'update'} as const
const everything: Partial<Permissions> = {
  net: ['*'],
  exec: true,
  workers: true,
  hostApi: ['requests.search', 'kv.get', 'kv.set', 'http.fetch'],
}

/** Counts the connections it gets. */
async function withListener<T>(run: (port: number, reached: () => number) => Promise<T>): Promise<T> {
  let reached = 0
  const server = createServer((_, response) => {
    reached++
    response.end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  try {
    return await run((server.address() as AddressInfo).port, () => reached)
  } finally {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
}

test('has no network, programs or threads, whatever the manifest is granted; live it has', () =>
  deadline(
    60_000,
    withListener((port, reached) =>
      withHost({}, async ({host, folder}) => {
        const bundle = await buildFixture(folder, 'breaks-out', {actions: {run: action}, permissions: everything})
        await host.installBundle(bundle)
        const request = {registration: 'breaks-out', action: 'run', input: {port}}
        const dry = await host.execute({...request, mode: 'dryRun'})
        equal([dry.status, dry.fence], ['succeeded', 'sealed'])
        const {net, exec, worker} = dry.output as JsonObject
        for (const told of [net, exec, worker]) match(String(told), /^refused: ERR_ACCESS_DENIED/)
        is(reached(), 0)
        const live = await host.execute(request)
        const allowed = live.output as JsonObject
        for (const told of [allowed.net, allowed.exec, allowed.worker]) match(String(told), /^allowed/)
        equal([reached(), live.fence], [1, null])
      }),
    ),
  ))

test('may read through the host and not write, and its failure says that it was sealed', () =>
  deadline(
    60_000,
    withHost({}, async ({host, desk, folder}) => {
      const actions = {kv: action, search: action, effects: action}
      const permissions = {...everything, effects: ['request.update' as const]}
      await host.installBundle(await buildFixture(folder, 'calls-host', {actions, permissions}))
      desk.createRequest({subject: 'x marks the spot'})
      const run = (name: string, input: JsonObject, mode: 'dryRun' | 'live') =>
        host.execute({registration: 'calls-host', action: name, input, mode})
      const found = await run('search', {}, 'dryRun')
      is((found.output as {total: number}).total, 1)
      const refused = await run('kv', {n: 1}, 'dryRun')
      equal([refused.status, refused.error?.code, refused.attempts], ['failed', 'HOST_API_DENIED', 1])
      match(refused.message, /^The dry run was sealed: .*kv\.set/)
      is((await run('kv', {n: 1}, 'live')).status, 'succeeded')
      const effects = [{op: 'request.update', request: '1', fields: {status: 'closed'}}]
      is((await run('effects', {effects}, 'dryRun')).effects[0]?.status, 'shown')
      is((await desk.get('request', '1'))?.status, 'open')
    }),
  ))

test('leaves the process that serves alone, and nothing behind', () =>
  deadline(
    60_000,
    withHost({}, async ({host, folder}) => {
      await host.installBundle(await buildFixture(folder, 'echo', {actions: {echo: action}}))
      const run = (mode: 'live' | 'dryRun') => host.execute({registration: 'echo', action: 'echo', input: 1, mode})
      await run('live')
      const before = host.getPlugin('echo').process?.pid
      const all = await Promise.all(Array.from({length: 3}, () => run('dryRun')))
      ok(all.every(({status, fence}) => status === 'succeeded' && fence === 'sealed'))
      is(host.getPlugin('echo').process?.pid, before)
      is((await run('live')).status, 'succeeded')
    }),
  ))

test.run()
