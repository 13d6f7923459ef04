import {networkInterfaces} from 'node:os'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {withSilentHost} from '../../../test/services/silent-host.ts'
import {withSnmpAgent} from '../../../test/services/snmp-agent.ts'
import {deadline} from '../../../test/support/deadline.ts'
import {callDiscover} from './call.ts'

const test = suite('agent')

/** BER: a tag and what it holds; short lengths only. */
const tlv = (tag: number, ...parts: (Buffer | number[])[]): Buffer => {
  const body = Buffer.concat(parts.map(part => Buffer.from(part)))
  return Buffer.concat([Buffer.from(body.length < 128 ? [tag, body.length] : [tag, 0x81, body.length]), body])
}
const integer = (value: number): Buffer => tlv(2, [value])
/** The request id of a v2c request, as it came. */
function readRequestId(request: Buffer): Buffer {
  const community = 5 + ((request[1] ?? 0) & 0x80 ? 1 : 0)
  const pdu = community + 2 + (request[community + 1] ?? 0)
  const id = pdu + 2 + ((request[pdu + 1] ?? 0) & 0x80 ? 1 : 0)
  return request.subarray(id, id + 2 + (request[id + 1] ?? 0))
}

test('a proprietary device that no machine here is: own object id, bytes, dates and interfaces', () =>
  deadline(20_000, () =>
    withSnmpAgent(
      {
        sysObjectId: '1.3.6.1.4.1.16972.3',
        sysName: 'Crane',
        interfaces: ['02:00:00:00:00:07', '00:00:00:00:00:00'],
        scalars: {
          '1.3.6.1.4.1.16972.1.5.0': ' SN-0042 ',
          '1.3.6.1.4.1.16972.1.6.0': 215,
          '1.3.6.1.4.1.16972.1.7.0': 2,
          '1.3.6.1.4.1.16972.1.8.0': Buffer.from([7, 0xe8, 2, 29, 13, 30, 15, 0, 0x2b, 2, 0]),
          '1.3.6.1.4.1.16972.1.9.0': Buffer.from([0x4b, 0xf6]),
        },
      },
      async ({port}) => {
        const oid = (part: number): string => `1.3.6.1.4.1.16972.1.${part}.0`
        const crane = {
          id: 'crane',
          extends: ['interfaces'],
          sysObjectId: ['1.3.6.1.4.1.16972.*'],
          assetType: 'hardware$crane',
          manufacturer: 'Kranbau',
          attributes: [
            {name: 'serialNumber', oid: oid(5), transform: ['trim'], identifier: 'serial'},
            {name: 'loadTonnes', oid: oid(6), transform: [{scale: 0.1}]},
            {name: 'state', oid: oid(7), transform: [{map: {1: 'idle', 2: 'lifting'}}]},
            {name: 'builtAt', oid: oid(8), transform: ['dateAndTime']},
            {name: 'builder', oid: oid(9)},
            {name: 'absent', oid: oid(10)},
          ],
        }
        const {output, records} = await callDiscover({profiles: [crane]}, {targets: `127.0.0.1:${port}`})
        const [record] = records
        const {interfaces, ...attributes} = record?.attributes ?? {}
        assert.equal(attributes, {
          ...{manufacturer: 'Kranbau', name: 'Crane', description: 'Built-in test agent', contact: 'ops@example.test'},
          ...{location: 'Rack 1', objectId: '1.3.6.1.4.1.16972.3', serialNumber: 'SN-0042', loadTonnes: 21.5},
          ...{state: 'lifting', builtAt: '2024-02-29T11:30:15Z', builder: 'Kö', macAddresses: ['02:00:00:00:00:07']},
        })
        assert.is((interfaces as unknown[]).length, 2)
        assert.equal([record?.identifiers.serial, record?.identifiers.mac], [['SN-0042'], ['02:00:00:00:00:07']])
        assert.is(record?.observed.uptimeSeconds, 42)
        assert.is(output.devices[0]?.profile, 'crane')
      },
    ),
  ))

test('v3 with SHA and AES reaches an agent of another make, and the same device found twice is the same', () =>
  deadline(20_000, () => {
    const user = {name: 'ann', authKey: 'authpass1234', privKey: 'privpass1234'}
    return withSnmpAgent({user}, async ({port}) => {
      const credentials = [{name: 'ann', version: '3', user: user.name, authKey: user.authKey, privKey: user.privKey}]
      const find = async (): Promise<unknown> => {
        const [record] = (await callDiscover({credentials}, {targets: `127.0.0.1:${port}`})).records
        return record && {...record, observedAt: 0, observed: {}}
      }
      const first = await find()
      assert.ok(first)
      assert.equal(await find(), first)
    })
  }))

const withIpv6 = Object.values(networkInterfaces()).some(list => list?.some(({address}) => address === '::1'))
;(withIpv6 ? test : test.skip)('an agent on IPv6 is found, and its brackets are for the port alone', () =>
  deadline(20_000, () =>
    withSnmpAgent({address: '::1'}, async ({port}) => {
      const {records} = await callDiscover({}, {targets: `[::1]:${port} ::1`, exclude: '::2'})
      assert.equal([records.length, records[0]?.nativeKey, records[0]?.identifiers.ip], [1, `[::1]:${port}`, ['::1']])
    }),
  ),
)

test('what answers but does not speak SNMP is told as such, at once', () =>
  deadline(20_000, async () => {
    for (const reply of [
      Buffer.from('HTTP/1.1 400'),
      Buffer.alloc(0),
      Buffer.alloc(1500, 0x30),
      tlv(0x30, integer(1)),
    ]) {
      await withSilentHost({addresses: ['127.0.0.1'], answer: () => reply}, async ({port}) => {
        const {output} = await callDiscover({timeoutMs: 15_000}, {targets: `127.0.0.1:${port}`})
        assert.equal([output.failed, output.problems[0]?.code], [1, 'SNMP_BAD_ANSWER'], reply.toString('hex'))
      })
    }
  }))

test('an answer made to break the library ends that device only', () =>
  deadline(20_000, () => {
    // A v3 message that claims to be authenticated, sent to a v2c session: there is no user to check it against.
    const header = (id: Buffer): Buffer => tlv(0x30, id, tlv(2, [0, 0xff, 0xff]), tlv(4, [1]), integer(3))
    const security = tlv(
      4,
      tlv(0x30, tlv(4, [1]), integer(1), integer(1), tlv(4, [1]), tlv(4, Buffer.alloc(12)), tlv(4)),
    )
    const scoped = (id: Buffer): Buffer =>
      tlv(0x30, tlv(4, [1]), tlv(4), tlv(0xa2, id, integer(0), integer(0), tlv(0x30)))
    const answer = (data: Buffer): Buffer => {
      const id = readRequestId(data)
      return tlv(0x30, integer(3), header(id), security, scoped(id))
    }
    return withSnmpAgent({}, agent =>
      withSilentHost({addresses: ['127.0.0.2'], answer}, async ({port}) => {
        const targets = [`127.0.0.2:${port}`, `127.0.0.1:${agent.port}`]
        const {output} = await callDiscover({timeoutMs: 15_000}, {targets})
        assert.equal([output.found, output.failed, output.problems[0]?.code], [1, 1, 'SNMP_BAD_ANSWER'])
      }),
    )
  }))

test('an agent that sends the asker back to the start each time is cut off', () =>
  deadline(40_000, () => {
    const answer = (data: Buffer): Buffer => {
      // The message id: the first thing in the header, after version 3.
      const at = data.indexOf(Buffer.from([2, 1, 3, 0x30])) + 5
      const id = data.subarray(at, at + 2 + (data[at + 1] ?? 0))
      const header = tlv(0x30, id, tlv(2, [0, 0xff, 0xff]), tlv(4, [0]), integer(3))
      const security = tlv(4, tlv(0x30, tlv(4, [1, 2, 3, 4, 5]), integer(0), integer(0), tlv(4), tlv(4), tlv(4)))
      const report = tlv(0x30, tlv(6, [0x2b, 6, 1, 6, 3, 15, 1, 1, 4, 0]), tlv(0x41, [1]))
      const pdu = tlv(0xa8, integer(0), integer(0), integer(0), tlv(0x30, report))
      return tlv(0x30, integer(3), header, security, tlv(0x30, tlv(4, [1]), tlv(4), pdu))
    }
    return withSilentHost({addresses: ['127.0.0.1'], answer}, async ({port, received}) => {
      const credentials = [{name: 'v3', version: '3', user: 'ann'}]
      const {output} = await callDiscover({credentials, timeoutMs: 15_000}, {targets: `127.0.0.1:${port}`})
      assert.is(output.problems[0]?.code, 'SNMP_BAD_ANSWER')
      assert.ok(received.length > 100, `${received.length} requests: it did go round`)
    })
  }))

test('an agent whose table goes round in circles is read to where it turns back', () =>
  deadline(20_000, () => {
    const name = tlv(6, [0x2b, 6, 1, 2, 1, 2, 2, 1, 2, 1])
    const row = tlv(0x30, name, tlv(4, Buffer.from('eth0')))
    const objectId = tlv(0x30, tlv(6, [0x2b, 6, 1, 2, 1, 1, 2, 0]), tlv(6, [0x2b, 6, 1, 4, 1, 9]))
    const answer = (data: Buffer): Buffer => {
      const bulk = data.includes(0xa5)
      const varbinds = bulk ? [row, row] : Array.from({length: 6}, () => objectId)
      const pdu = tlv(0xa2, readRequestId(data), integer(0), integer(0), tlv(0x30, ...varbinds))
      return tlv(0x30, integer(1), tlv(4, Buffer.from('public')), pdu)
    }
    return withSilentHost({addresses: ['127.0.0.1'], answer}, async ({port, received}) => {
      const table = {name: 'ports', oid: '1.3.6.1.2.1.2.2.1', columns: [{name: 'text', column: 2}]}
      const profiles = [{id: 'loop', sysObjectId: ['1.3.6.1.4.1.9'], tables: [table]}]
      const {records} = await callDiscover({profiles, timeoutMs: 2000}, {targets: `127.0.0.1:${port}`})
      assert.is(records[0]?.matched.profile, 'loop')
      assert.match(records[0]?.incomplete[0] ?? '', 'not right SNMP')
      assert.ok(received.length < 10, `${received.length} requests`)
    })
  }))

test.run()
