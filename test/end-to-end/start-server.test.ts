import {existsSync} from 'node:fs'
import {copyFile, readFile, stat, writeFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {isHostError, loadConfig, startServer} from '../../host/index.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('the whole server')

const configOf = (folder: string, change: {port?: number} = {}) =>
  loadConfig({
    dataFolder: join(folder, 'data'),
    logLevel: 'silent',
    http: {port: 0, ...change},
    bundle: {dropSettleMs: 100},
  })

test('makes the administrator’s token once, for the server’s user alone', () =>
  withTempFolder(folder =>
    deadline(30_000, async () => {
      const first = await startServer(configOf(folder))
      const token = await readFile(first.tokenFile, 'utf8')
      assert.is((await stat(first.tokenFile)).mode & 0o777, 0o400)
      assert.equal(first.host.authenticate(token.trim())?.scopes, ['admin'])
      await first.stop()
      const second = await startServer(configOf(folder))
      assert.is(await readFile(second.tokenFile, 'utf8'), token)
      await second.stop()
    }),
  ))

test('serves after a restart what was installed before, with its configuration', () =>
  withTempFolder(folder =>
    deadline(30_000, async () => {
      const first = await startServer(configOf(folder))
      await first.host.installBundle(
        await buildFixture(folder, 'tells', {
          actions: {config: {}},
          config: {schema: {properties: {user: {type: 'string'}}}},
        }),
      )
      await first.host.updateRegistration('tells', {config: {user: 'ann'}})
      await first.stop()
      const second = await startServer(configOf(folder))
      try {
        const outcome = await second.host.execute({registration: 'tells', action: 'config', input: {}})
        assert.equal((outcome.output as {mine: unknown}).mine, {user: 'ann'})
      } finally {
        await second.stop()
      }
    }),
  ))

test('installs what is dropped into its folder, and moves aside what it refuses, with the reason', () =>
  withTempFolder(folder =>
    deadline(60_000, async () => {
      const server = await startServer(configOf(folder))
      try {
        const drop = join(folder, 'data/drop')
        await copyFile(await buildFixture(folder, 'echo'), join(drop, 'echo.fp'))
        await eventually(10_000, () =>
          server.host.listPlugins().some(plugin => plugin.id === 'echo' && plugin.state.name === 'running'),
        )
        await eventually(5000, () => !existsSync(join(drop, 'echo.fp')))
        await writeFile(join(drop, 'bad.fp'), 'no bundle at all')
        const reason = join(drop, 'refused/bad.fp.reason.txt')
        await eventually(20_000, () => existsSync(reason))
        assert.match(await readFile(reason, 'utf8'), /neither a zip nor a gzip/)
      } finally {
        await server.stop()
      }
    }),
  ))

test('a port that is taken is told, and leaves nothing running', () =>
  withTempFolder(folder =>
    deadline(30_000, async () => {
      const other = createServer()
      await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
      try {
        const {port} = other.address() as AddressInfo
        const error = await startServer(configOf(folder, {port})).catch(reason => reason as unknown)
        assert.ok(isHostError(error, 'HOST_LISTEN_FAILED'), String(error))
        assert.not(existsSync(join(folder, 'data/server.lock')))
      } finally {
        other.close()
      }
    }),
  ))

test('two servers do not share a data folder', () =>
  withTempFolder(folder =>
    deadline(30_000, async () => {
      const first = await startServer(configOf(folder))
      const error = await startServer(configOf(folder)).catch(reason => reason as unknown)
      assert.ok(isHostError(error, 'HOST_LOCKED'), String(error))
      assert.match(String(error), new RegExp(`pid ${process.pid}`))
      await first.stop()
    }),
  ))

test('a second stop is the first one, and takes the address away', () =>
  withTempFolder(folder =>
    deadline(30_000, async () => {
      const server = await startServer(configOf(folder))
      assert.is(server.stop(), server.stop())
      await server.stop()
      assert.not(existsSync(join(folder, 'data/server.json')))
    }),
  ))

test.run()
