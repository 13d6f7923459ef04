import {copyFile, readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {type AuditEntry, loadConfig, type RunningServer, startServer} from '../../host/index.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {type Answer, type CallOptions, callHttp} from '../support/http.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('access to a real server')

interface Real {
  folder: string
  dataFolder: string
  server: RunningServer
  /** The local token. */
  token: string
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
}

function withServer(run: (real: Real) => Promise<void>): () => Promise<void> {
  return () =>
    deadline(
      60_000,
      withTempFolder(async folder => {
        const dataFolder = join(folder, 'data')
        const server = await startServer(
          loadConfig({dataFolder, logLevel: 'silent', http: {port: 0}, bundle: {dropSettleMs: 50}}),
        )
        try {
          const token = (await readFile(server.tokenFile, 'utf8')).trim()
          const call: Real['call'] = (method, path, options) => callHttp(server.url, method, path, {token, ...options})
          await server.host.installBundle(await buildFixture(folder, 'echo'))
          await run({folder, dataFolder, server, token, call})
        } finally {
          await server.stop()
        }
      }),
    )
}

const EXECUTE = '/v1/registrations/echo/actions/echo/execute'

test(
  'while the audit log cannot be written nothing is changed, executions go on, and afterwards it all works again',
  withServer(async ({folder, dataFolder, call}) => {
    const db = new DatabaseSync(join(dataFolder, 'plugin-host.db'))
    const audited = async (): Promise<AuditEntry[]> =>
      ((await call('GET', '/v1/audit?limit=1000')).json as {items: AuditEntry[]}).items
    const nameOf = async (): Promise<unknown> =>
      ((await call('GET', '/v1/registrations/echo')).json as {name: string}).name
    try {
      const before = (await audited()).length
      db.exec("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT raise(ABORT, 'no room'); END")
      const attempts: [method: string, path: string, body?: unknown][] = [
        ['PATCH', '/v1/registrations/echo', {name: 'changed'}],
        ['DELETE', '/v1/registrations/echo'],
        ['POST', '/v1/tokens', {name: 'x', scopes: ['admin']}],
        ['POST', '/v1/plugins/echo/disable'],
        ['POST', '/v1/keys/rotate'],
        ['POST', '/v1/backups'],
      ]
      for (const [method, path, body] of attempts) {
        const {status, json} = await call(method, path, {...(body !== undefined && {body})})
        assert.equal([status, (json as {code: string}).code], [503, 'AUDIT_FAILED'], path)
      }
      const bundle = await buildFixture(folder, 'tells')
      await copyFile(bundle, join(dataFolder, 'drop/tells.fp'))
      for (let count = 0; count < 10; count++) {
        assert.is((await call('POST', EXECUTE, {body: {input: {count}}})).status, 200)
      }
      assert.equal([await nameOf(), (await audited()).length], ['echo', before])
      assert.equal(await readdir(join(dataFolder, 'drop')).then(names => names.filter(name => name === 'tells.fp')), [
        'tells.fp',
      ])
      assert.is((await call('GET', '/v1/plugins/tells')).status, 404)

      db.exec('DROP TRIGGER full')
      assert.is((await call('PATCH', '/v1/registrations/echo', {body: {name: 'changed'}})).status, 200)
      assert.is(await nameOf(), 'changed')
      // The bundle in the drop folder may be taken up at any moment from here on, too.
      const fresh = await audited()
      assert.ok(fresh.slice(0, fresh.length - before).some(({action}) => action === 'updateRegistration'))
      assert.ok(((await call('GET', '/v1/audit/verify')).json as {ok: boolean}).ok)
    } finally {
      db.close()
    }
  }),
)

test(
  'a bundle from the drop folder is in the audit log',
  withServer(async ({folder, dataFolder, server}) => {
    await copyFile(await buildFixture(folder, 'tells'), join(dataFolder, 'drop/tells.fp'))
    const entry = await eventually(20_000, () => server.host.listAudit({who: 'drop folder'})[0])
    assert.equal([entry.action, entry.target], ['installBundle', 'tells.fp'])
  }),
)

test(
  'an unknown, a wrong, an expired and a removed token get the very same answer',
  withServer(async ({server, call, token}) => {
    const {host} = server
    const soon = await host.createToken({name: 'soon', scopes: ['read'], expiresAt: Date.now() + 60_000})
    const gone = await host.createToken({name: 'gone', scopes: ['read']})
    for (const made of [soon, gone]) assert.is((await call('GET', '/v1/plugins', {token: made.token})).status, 200)
    await host.rotateToken(soon.id, {graceMs: 0})
    await host.removeToken(gone.id)
    const [, id = ''] = token.split('_')
    const unknown = `fph_ffffffffffff_${'x'.repeat(43)}`
    const wrong = `fph_${id}_${'x'.repeat(43)}`
    const answers = []
    for (const tried of [unknown, wrong, soon.token, gone.token, 'nonsense']) {
      answers.push(await call('GET', '/v1/plugins', {token: tried}))
    }
    assert.equal(new Set(answers.map(({status, text}) => `${status} ${text}`)).size, 1)
    const headers = answers.map(answer => [...answer.headers].filter(([name]) => name !== 'date'))
    assert.equal(new Set(headers.map(pairs => JSON.stringify(pairs))).size, 1)
    assert.is(answers[0]?.status, 401)
  }),
)

test(
  'each scope opens what it is for, on a real server',
  withServer(async ({server, call}) => {
    const attempts: [method: string, path: string, allowed: string[], body?: unknown][] = [
      ['GET', '/v1/plugins', ['read', 'map', 'operate', 'admin']],
      ['GET', '/v1/audit', ['admin']],
      ['GET', '/v1/tokens', ['admin']],
      ['GET', '/v1/backups', ['admin']],
      ['POST', EXECUTE, ['execute', 'execute:echo', 'admin'], {}],
      ['POST', '/v1/requests', ['operate', 'admin'], {subject: 'x'}],
      ['PATCH', '/v1/registrations/echo', ['admin'], {}],
      ['POST', '/v1/tokens/none/rotate', ['admin']],
    ]
    for (const scope of ['read', 'execute', 'execute:echo', 'execute:other', 'map', 'operate', 'admin']) {
      const {token} = await server.host.createToken({name: `of ${scope}`, scopes: [scope]})
      for (const [method, path, allowed, body] of attempts) {
        const {status} = await call(method, path, {token, ...(body !== undefined && {body})})
        assert.is(status !== 403, allowed.includes(scope), `${scope} ${method} ${path} ${status}`)
      }
    }
  }),
)

test.run()
