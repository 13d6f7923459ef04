import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {withSilentHost} from '../../../test/services/silent-host.ts'
import {withSnmpAgent} from '../../../test/services/snmp-agent.ts'
import {SNMPD, withSnmpd} from '../../../test/services/snmpd.ts'
import {findUdpPort} from '../../../test/services/udp-port.ts'
import {deadline, eventually} from '../../../test/support/deadline.ts'
import {needs} from '../../../test/support/needs.ts'
import {callDiscover, callGet, failureOf} from './call.ts'

const test = suite('failures')
const realTest = needs(test, {program: 'snmpd', package: 'snmpd'})
const {authKey, privKey} = SNMPD
const quick = {timeoutMs: 150, retries: 1}
const v3 = (change: object): object => ({name: 'c', version: '3', user: 'itsm', authKey, privKey, ...change})
const openSockets = (): number => process.getActiveResourcesInfo().filter(name => name === 'UDPWrap').length

realTest('each way in which an agent refuses a credential is told apart, as an auth failure with a hint', () =>
  deadline(30_000, () =>
    withSnmpd({}, async ({port}) => {
      const cases: [code: string, credential: object][] = [
        ['SNMP_WRONG_COMMUNITY', {name: 'c', version: '2c', community: 'wrong'}],
        ['SNMP_UNKNOWN_USER', v3({user: 'nobody'})],
        ['SNMP_WRONG_AUTH_KEY', v3({authKey: 'wrongwrong'})],
        ['SNMP_WRONG_AUTH_KEY', v3({authProtocol: 'sha256'})],
        ['SNMP_WRONG_PRIV_KEY', v3({privKey: 'wrongwrong'})],
        ['SNMP_WRONG_PRIV_KEY', v3({privProtocol: 'aes256'})],
        ['SNMP_NOT_ALLOWED', v3({privKey: undefined})],
        ['SNMP_SECURITY_LEVEL', v3({user: 'plain'})],
      ]
      for (const [code, credential] of cases) {
        const config = {...quick, credentials: [JSON.parse(JSON.stringify(credential))]}
        const {output, records} = await callDiscover(config, {targets: `127.0.0.1:${port}`})
        const [problem] = output.problems
        const told = JSON.stringify(credential)
        assert.equal([problem?.code, problem?.category], [code, 'auth'], told)
        assert.equal([output.authFailed, output.answered, output.scanned, records.length], [1, 1, 1, 0], told)
        assert.ok(problem?.hint)
        for (const secret of ['wrong', authKey, privKey]) assert.not.match(JSON.stringify(output), `"${secret}`)
      }
    }),
  ),
)

test('a closed port, a silent host and an unknown name are told apart', () =>
  deadline(20_000, () =>
    withSilentHost({addresses: ['127.0.0.1']}, async silent => {
      const closed = await findUdpPort()
      const targets = [`127.0.0.1:${closed}`, `127.0.0.1:${silent.port}`, 'no-such-name.invalid']
      const {output} = await callDiscover(quick, {targets})
      const codes = Object.fromEntries(output.problems.map(({address, code}) => [address, code]))
      assert.is(codes[`127.0.0.1:${closed}`], 'SNMP_PORT_CLOSED')
      assert.is(codes[`127.0.0.1:${silent.port}`], 'SNMP_NO_ANSWER')
      // A machine without a name server cannot say that a name is unknown.
      assert.match(codes['no-such-name.invalid:161'] ?? '', /^NAME_UN(KNOWN|RESOLVED)$/)
      assert.equal([output.scanned, output.unreachable, output.failed, output.answered], [3, 2, 1, 0])
    }),
  ))

test('a request is sent again as often as configured, with one v3 probe beside it', () =>
  deadline(20_000, () =>
    withSilentHost({addresses: ['127.0.0.1']}, async ({port, received}) => {
      const versions = (): (number | undefined)[] => received.map(({data}) => data[4])
      await callDiscover({timeoutMs: 100, retries: 2}, {targets: `127.0.0.1:${port}`})
      assert.is(versions().filter(version => version === 1).length, 3)
      assert.ok(versions().filter(version => version === 3).length >= 1)
    }),
  ))

test('no more devices are asked at once than configured', () =>
  deadline(20_000, () =>
    withSilentHost({addresses: ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4']}, async ({port, received}) => {
      const caller = new AbortController()
      const config = {concurrency: 2, timeoutMs: 30_000}
      const scan = callDiscover(config, {targets: '127.0.0.1-4', port}, {signal: caller.signal})
      const asked = (): number => new Set(received.map(({address}) => address)).size
      await eventually(5000, () => asked() >= 2)
      // A whole call to another host takes longer than the third request would have taken to come.
      await failureOf(callGet(quick, {host: `127.0.0.1:${await findUdpPort()}`, oids: ['1.3.6.1.2.1.1.5.0']}))
      assert.is(asked(), 2)
      caller.abort()
      await failureOf(scan)
    }),
  ))

test('a cancelled scan ends at once and leaves no socket, and what was found before is out', () =>
  deadline(20_000, () =>
    withSnmpAgent({address: '127.0.0.1'}, ({port: agentPort}) =>
      withSilentHost({addresses: ['127.0.0.2', '127.0.0.3']}, async ({port, received}) => {
        // The agent's own and the two silent ones; those of tests before may still be closing.
        await eventually(1000, () => openSockets() === 3)
        const controller = new AbortController()
        const found: unknown[] = []
        const scan = callDiscover(
          {timeoutMs: 30_000},
          {targets: [`127.0.0.1:${agentPort}`, `127.0.0.2-3:${port}`]},
          {signal: controller.signal, records: async records => void found.push(...records)},
        )
        await eventually(5000, () => received.length === 2 && found.length === 1)
        assert.is(openSockets(), 5)
        controller.abort(Object.assign(new Error('the caller went away'), {code: 'GONE'}))
        assert.is((await failureOf(scan)).code, 'GONE')
        await eventually(1000, () => openSockets() === 3)
      }),
    ),
  ))

test('a device that takes longer than its time ends, and the others are found', () =>
  deadline(20_000, () =>
    withSnmpAgent({}, agent =>
      withSilentHost({addresses: ['127.0.0.2']}, async silent => {
        const config = {timeoutMs: 20_000, deviceTimeoutMs: 1000}
        const targets = [`127.0.0.2:${silent.port}`, `127.0.0.1:${agent.port}`]
        const {output} = await callDiscover(config, {targets})
        assert.equal([output.found, output.failed, output.problems[0]?.code], [1, 1, 'DEVICE_TOO_SLOW'])
      }),
    ),
  ))

test('records that cannot be stored end the scan with that error', () =>
  deadline(20_000, () =>
    withSnmpAgent({}, async ({port}) => {
      const records = (): Promise<void> => Promise.reject(Object.assign(new Error('disk full'), {code: 'FULL'}))
      const failure = await failureOf(callDiscover({}, {targets: `127.0.0.1:${port}`}, {records}))
      assert.is(failure.code, 'FULL')
    }),
  ))

test('what is wrong with credentials and names is refused before anything is sent', async () => {
  const refuse = (credential: object, input: object = {}): ReturnType<typeof failureOf> =>
    failureOf(callDiscover({credentials: [credential]}, {targets: '127.0.0.1:9', ...input}))
  const noAuth = await refuse({name: 'a', version: '3', user: 'u', privKey})
  assert.equal([noAuth.category, noAuth.field], ['config', '/credentials/0/authKey'])
  const unknown = await refuse({name: 'a', community: 'x'}, {credentials: ['b']})
  assert.equal([unknown.category, unknown.code], ['input', 'CREDENTIAL_UNKNOWN'])
  assert.is((await failureOf(callGet({}, {host: '10.0.0.0/24', oids: ['1.3.6']}))).field, '/host')
})

test('get fails as a whole, with the category that the host acts on', () =>
  deadline(20_000, () =>
    withSnmpAgent({community: 'other'}, async ({port}) => {
      const failure = await failureOf(callGet(quick, {host: `127.0.0.1:${port}`, oids: ['1.3.6.1.2.1.1.5.0']}))
      assert.equal([failure.code, failure.category], ['SNMP_WRONG_COMMUNITY', 'auth'])
      const closed = await failureOf(
        callGet(quick, {host: `127.0.0.1:${await findUdpPort()}`, oids: ['1.3.6.1.2.1.1.5.0']}),
      )
      assert.equal([closed.code, closed.category], ['SNMP_PORT_CLOSED', 'network'])
    }),
  ))

test.run()
