import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {withSilentHost} from '../../../test/services/silent-host.ts'
import {withSnmpAgent} from '../../../test/services/snmp-agent.ts'
import {SNMPD, withSnmpd} from '../../../test/services/snmpd.ts'
import {deadline, eventually} from '../../../test/support/deadline.ts'
import {needs} from '../../../test/support/needs.ts'
import {type InstalledPlugin, withPlugin} from '../../../test/support/plugin-harness.ts'
import type {DiscoverOutput} from '../plugin.types.ts'

const test = suite('plugin')
const realTest = needs(test, {program: 'snmpd', package: 'snmpd'})
const folder = join(import.meta.dirname, '..')
const {authKey, privKey} = SNMPD
const v3 = {name: 'v3', version: '3', user: 'itsm', authKey, privKey}
const pidOf = ({host, id}: InstalledPlugin): number | undefined => host.getPlugin(id).process?.pid

realTest(
  'installed without a configuration it discovers at once, in its own process with nothing but the network',
  () =>
    deadline(60_000, () =>
      withPlugin(folder, {}, plugin =>
        withSnmpd({}, async ({port}) => {
          const outcome = await plugin.execute('discover', {targets: `127.0.0.1:${port}`})
          assert.is(outcome.status, 'succeeded', JSON.stringify(outcome.error))
          const output = outcome.output as unknown as DiscoverOutput
          assert.equal(
            [output.found, output.devices[0]?.profile, output.devices[0]?.credential],
            [1, 'linux', 'default'],
          )
          assert.is(plugin.host.getExecution(outcome.execution).records, 1)
          assert.is(plugin.host.getPlugin(plugin.id).restarts, 0)
        }),
      ),
    ),
)

realTest('with v3 the secrets reach the device and nothing else', () =>
  deadline(60_000, () =>
    withPlugin(folder, {config: {credentials: [v3], timeoutMs: 300}}, plugin =>
      withSnmpd({}, async ({port}) => {
        const host = `127.0.0.1:${port}`
        const read = await plugin.execute('get', {host, oids: [SNMPD.customOid]})
        assert.equal((read.output as {values: object[]}).values, [{oid: SNMPD.customOid, type: 'Integer', value: 42}])
        await plugin.host.updateRegistration(plugin.id, {config: {credentials: [{...v3, authKey: 'wrongwrong'}]}})
        const refused = await plugin.execute('get', {host, oids: [SNMPD.customOid]})
        assert.equal([refused.status, refused.error?.code], ['failed', 'SNMP_WRONG_AUTH_KEY'])
        assert.equal([refused.error?.category, refused.error?.retryable], ['auth', false])
        const told = JSON.stringify([read, refused, plugin.logs(), plugin.host.getRegistration(plugin.id)])
        for (const secret of ['wrongwrong', authKey, privKey]) assert.not.match(told, secret)
      }),
    ),
  ),
)

realTest('the connection test goes step by step and names the step that fails', () =>
  deadline(60_000, () =>
    withPlugin(folder, {}, plugin =>
      withSnmpd({}, async ({port}) => {
        const stages = async (config: object): Promise<string> => {
          const report = await plugin.test({timeoutMs: 200, ...config})
          return report.stages.map(({name, ok}) => `${name} ${ok ? 'ok' : 'fails'}`).join(', ')
        }
        const testAddress = `127.0.0.1:${port}`
        assert.is(await stages({}), 'configuration ok')
        assert.is(await stages({testAddress}), 'configuration ok, resolve ok, reach ok, auth ok, read ok')
        const wrong = {credentials: [{name: 'c', community: 'not-this'}]}
        assert.is(await stages({testAddress, ...wrong}), 'configuration ok, resolve ok, reach ok, auth fails')
        assert.is(await stages({testAddress: '127.0.0.1:9'}), 'configuration ok, resolve ok, reach fails')
        assert.is(await stages({profiles: [{id: 'a', extends: ['b']}]}), 'configuration fails')
      }),
    ),
  ),
)

test('a cancelled discovery ends with what it found stored, and the same process serves the next call', () =>
  deadline(60_000, () =>
    withPlugin(folder, {config: {timeoutMs: 30_000}}, plugin =>
      withSnmpAgent({}, agent =>
        withSilentHost({addresses: ['127.0.0.2']}, async silent => {
          const targets = [`127.0.0.1:${agent.port}`, `127.0.0.2:${silent.port}`]
          const caller = new AbortController()
          const progress: number[] = []
          const running = plugin.execute(
            'discover',
            {targets},
            {
              signal: caller.signal,
              onProgress: ({done = 0}) => progress.push(done),
            },
          )
          await eventually(10_000, () => silent.received.length > 0 && progress.length > 0)
          const pid = pidOf(plugin)
          caller.abort()
          const outcome = await running
          assert.is(outcome.status, 'cancelled')
          assert.is(plugin.host.getExecution(outcome.execution).records, 1)
          const next = await plugin.execute('discover', {targets: `127.0.0.1:${agent.port}`})
          assert.is(next.status, 'succeeded')
          assert.is(pidOf(plugin), pid)
        }),
      ),
    ),
  ))

test('a discovery that does not end in its time is over then, and its process lives on', () =>
  deadline(60_000, () =>
    withPlugin(folder, {config: {timeoutMs: 30_000}}, plugin =>
      withSilentHost({addresses: ['127.0.0.2']}, async ({port}) => {
        const pid = pidOf(plugin)
        const outcome = await plugin.execute('discover', {targets: `127.0.0.2:${port}`}, {deadlineMs: 500})
        assert.is(outcome.status, 'timedOut')
        assert.is(pidOf(plugin), pid)
      }),
    ),
  ))

test('a dry run is a scan that stores nothing', () =>
  deadline(60_000, () =>
    withPlugin(folder, {}, plugin =>
      withSnmpAgent({}, async ({port}) => {
        const outcome = await plugin.execute('discover', {targets: `127.0.0.1:${port}`}, {mode: 'dryRun'})
        assert.is((outcome.output as unknown as DiscoverOutput).found, 1)
        assert.is(plugin.host.getExecution(outcome.execution).records, 0)
      }),
    ),
  ))

test.run()
