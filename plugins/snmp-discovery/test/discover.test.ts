import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {SNMPD, withSnmpd, withSnmpdRange} from '../../../test/services/snmpd.ts'
import {deadline} from '../../../test/support/deadline.ts'
import {needs} from '../../../test/support/needs.ts'
import {openSession} from '../session.ts'
import {callDiscover, callGet} from './call.ts'

const test = suite('discover')
const realTest = needs(test, {program: 'snmpd', package: 'snmpd'})
const {authKey, privKey} = SNMPD
const itsm = {name: 'v3', version: '3', user: 'itsm', authKey, privKey}
const vendor = {
  id: 'vendor',
  extends: ['interfaces'],
  sysObjectId: ['1.3.6.1.4.1.8072.3.2.10'],
  assetType: 'hardware$crane',
  attributes: [
    {name: 'serialNumber', label: 'Serial number', oid: SNMPD.serialOid, transform: ['lower'], identifier: 'serial'},
    {name: 'load', oid: ['1.3.6.1.4.1.8072.9999.1.0', `.${SNMPD.customOid}`], transform: [{scale: 0.5}]},
  ],
}

realTest('an agent is found by v2c, with its system group, interfaces and the reason for its profile', () =>
  deadline(20_000, () =>
    withSnmpd({sysName: 'Core-1.example.test'}, async ({port}) => {
      const {output, records, progress, message} = await callDiscover({}, {targets: 'localhost', port})
      assert.equal(
        {...output, durationMs: 0, devices: []},
        {
          ...{scanned: 1, answered: 1, found: 1, unreachable: 0, authFailed: 0, failed: 0},
          ...{durationMs: 0, devices: [], problems: [], problemsLeftOut: 0},
        },
      )
      const [record] = records
      assert.is(record?.nativeKey, `127.0.0.1:${port}`)
      assert.is(record?.assetType, 'hardware$computer')
      assert.is(record?.attributes.description, 'Test agent Core-1.example.test')
      assert.is(record?.attributes.location, 'Rack 1')
      assert.equal([record?.identifiers.hostname, record?.identifiers.fqdn], ['core-1', 'core-1.example.test'])
      assert.is(record?.matched.profile, 'linux')
      assert.match(record?.matched.reason ?? '', 'exactly')
      assert.equal(record?.incomplete, [])
      const interfaces = (record?.attributes.interfaces ?? []) as {description: string}[]
      const loopback = interfaces.find(row => row.description === 'lo')
      assert.equal(
        {...loopback, speedBitsPerSecond: 0},
        {
          ...{index: '1', description: 'lo', type: 'loopback'},
          ...{speedBitsPerSecond: 0, adminStatus: 'up', operStatus: 'up'},
        },
      )
      assert.equal(progress.at(-1), {done: 1, total: 1, message: '1 devices found'})
      assert.is(message, '1 of 1 addresses are devices')
    }),
  ),
)

realTest('an own profile reads the custom OIDs of a proprietary device, fresh at each run', () =>
  deadline(20_000, () =>
    withSnmpd({sysName: 'crane'}, async ({port, setCustomValue}) => {
      const [first] = (await callDiscover({profiles: [vendor]}, {targets: `127.0.0.1:${port}`})).records
      assert.equal(first?.identifiers.serial, ['serial-crane'])
      assert.equal(
        [first?.assetType, first?.attributes.load, first?.labels.serialNumber],
        ['hardware$crane', 21, 'Serial number'],
      )
      assert.is(first?.matched.profile, 'vendor')
      await setCustomValue(77)
      const [second] = (await callDiscover({profiles: [vendor]}, {targets: `127.0.0.1:${port}`})).records
      assert.is(second?.attributes.load, 38.5)
    }),
  ),
)

realTest('every security level and protocol of v3 is spoken', () =>
  deadline(30_000, () =>
    withSnmpd({}, async ({port}) => {
      const users = [
        {user: 'plain'},
        {user: 'signer', authProtocol: 'sha256', authKey},
        {user: 'itsm', authProtocol: 'sha', authKey, privProtocol: 'aes', privKey},
        {user: 'strong', authProtocol: 'sha512', authKey, privProtocol: 'aes256', privKey},
        {user: 'old', authProtocol: 'md5', authKey, privProtocol: 'aes', privKey},
      ]
      for (const user of users) {
        const credentials = [{name: user.user, version: '3', ...user}]
        const {output, records, warnings} = await callDiscover({credentials}, {targets: `127.0.0.1:${port}`})
        assert.is(output.found, 1, `${user.user}: ${JSON.stringify(output.problems)}`)
        assert.equal(records[0]?.access, {address: '127.0.0.1', port, version: '3', credential: user.user})
        assert.is(warnings.length, user.user === 'old' ? 1 : 0)
      }
    }),
  ),
)

realTest('a range of agents is found, and each record comes out while the scan still runs', () =>
  deadline(40_000, () =>
    withSnmpdRange({first: 2, last: 11}, async port => {
      const counts: number[] = []
      const {output, records, progress} = await callDiscover(
        {concurrency: 3, timeoutMs: 2000},
        {targets: ['127.0.0.2-9', '127.0.0.8-13'], exclude: '127.0.0.10', port},
        {records: async found => void counts.push(found.length)},
      )
      assert.equal(
        records.map(record => record.attributes.name).sort(),
        [2, 3, 4, 5, 6, 7, 8, 9, 11].map(n => `host-${n}`).sort(),
      )
      assert.ok(counts.length > 1, 'in more than one batch')
      assert.is(counts[0], 1, 'the first one at once')
      assert.equal([output.scanned, output.found, output.unreachable], [11, 9, 2])
      assert.is(progress.at(-1)?.done, 11)
      assert.equal(
        output.problems.map(problem => problem.code),
        ['SNMP_PORT_CLOSED', 'SNMP_PORT_CLOSED'],
      )
    }),
  ),
)

realTest('the credentials are tried in their order, or only those that are named', () =>
  deadline(20_000, () =>
    withSnmpd({}, async ({port}) => {
      const wrong = {name: 'wrong', version: '2c', community: 'wrong'}
      const config = {
        credentials: [wrong, {...itsm, name: 'bad', authKey: 'wrongwrong'}, itsm],
        timeoutMs: 200,
        retries: 0,
      }
      const targets = `127.0.0.1:${port}`
      assert.is((await callDiscover(config, {targets})).records[0]?.access.credential, 'v3')
      const {output} = await callDiscover(config, {targets, credentials: ['wrong', 'bad']})
      assert.equal(
        output.problems.map(problem => problem.code),
        ['SNMP_WRONG_AUTH_KEY'],
      )
    }),
  ),
)

realTest('a dry run asks but hands nothing out', () =>
  deadline(20_000, () =>
    withSnmpd({}, async ({port}) => {
      const {output, records, message} = await callDiscover({}, {targets: `127.0.0.1:${port}`}, {dryRun: true})
      assert.is(output.found, 1)
      assert.equal(records, [])
      assert.match(message, 'dry run')
    }),
  ),
)

realTest('a table longer than its limit is cut, and the record says so', () =>
  deadline(20_000, () =>
    withSnmpd({}, async ({port}) => {
      const table = {name: 'system', oid: '1.3.6.1.2.1.1.9.1', maxRows: 2, columns: [{name: 'text', column: 3}]}
      const profiles = [{id: 'short', sysObjectId: ['1.3.6.1.4.1.8072.3.2.10'], tables: [table]}]
      const [record] = (await callDiscover({profiles}, {targets: `127.0.0.1:${port}`})).records
      assert.is(((record?.attributes.system ?? []) as unknown[]).length, 2)
      assert.equal(record?.incomplete, ['Table "system" is cut after 2 rows'])
    }),
  ),
)

realTest('an agent that restarts in the middle of a session is followed to its new clock', () =>
  deadline(30_000, () =>
    withSnmpd({}, async agent => {
      const user = {
        name: 'itsm',
        level: 'authPriv',
        authProtocol: 'sha',
        authKey,
        privProtocol: 'aes',
        privKey,
      } as const
      const options = {timeoutMs: 1000, retries: 1, signal: new AbortController().signal}
      using session = await openSession(agent, {name: 'v3', version: '3', context: '', user}, options)
      assert.is((await session.get([SNMPD.customOid])).size, 1)
      await agent.restart()
      assert.is((await session.get([SNMPD.customOid])).size, 1)
    }),
  ),
)

realTest('another agent on the same address at the next run is spoken to, with its own engine id', () =>
  deadline(
    30_000,
    (async () => {
      const find = (port: number): Promise<number> =>
        callDiscover({credentials: [itsm]}, {targets: `127.0.0.1:${port}`}).then(({output}) => output.found)
      const port = await withSnmpd({}, async agent => {
        assert.is(await find(agent.port), 1)
        return agent.port
      })
      await withSnmpd({port}, async () => assert.is(await find(port), 1))
    })(),
  ),
)

realTest('get reads values with their types, in more than one request, and tells what is missing', () =>
  deadline(20_000, () =>
    withSnmpd({}, async ({port}) => {
      const many = Array.from({length: 40}, (_, index) => `1.3.6.1.2.1.1.9.1.2.${index + 1}`)
      const {values, credential} = await callGet(
        {},
        {host: 'localhost', port, oids: ['.1.3.6.1.2.1.1.5.0', ...many, SNMPD.customOid]},
      )
      assert.is(credential, 'default')
      assert.equal(values[0], {oid: '1.3.6.1.2.1.1.5.0', type: 'OctetString', value: 'agent', hex: '6167656e74'})
      assert.equal(values.at(-1), {oid: SNMPD.customOid, type: 'Integer', value: 42})
      assert.is(values[1]?.type, 'OID')
      assert.equal(values.at(-2), {oid: many.at(-1), type: 'Missing', value: null})
    }),
  ),
)

test.run()
