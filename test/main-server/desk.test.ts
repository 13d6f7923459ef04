import {suite} from 'uvu'
import {equal, is, match} from 'uvu/assert'
import type {JsonObject} from '../../runtime/protocol.ts'
import {withDesk} from '../support/desk.ts'

const test = suite('desk')

const names = (items: JsonObject[]): unknown[] => items.map(({subject, name}) => subject ?? name)

test('a request is created, read, changed and noted', () =>
  withDesk(async ({desk, apply, clock}) => {
    await desk.createField({module: 'request', label: 'Building', type: 'text'})
    await desk.createField({module: 'request', label: 'Room', type: 'number'})
    const {id} = await desk.create('request', {subject: 'Printer', Building: 'A'}, 'ann')
    const created = clock.now()
    clock.advance(5)
    const fields = {status: 'Closed', building: null, fields: {Room: 7}}
    equal(await apply({op: 'request.update', request: id, fields}), {id})
    equal(await desk.get('request', id), {
      id,
      subject: 'Printer',
      description: '',
      status: 'closed',
      priority: 'normal',
      requester: null,
      category: '',
      impact: '',
      urgency: '',
      assignee: '',
      group: '',
      location: '',
      fields: {Room: 7},
      createdAt: created,
      updatedAt: created + 5,
    })
    await apply({op: 'request.note', request: id, text: 'one'})
    await apply({op: 'request.note', request: id, text: 'two', public: true})
    equal(await desk.listNotes(id), [
      {author: 'snmp', text: 'one', public: false, at: created + 5},
      {author: 'snmp', text: 'two', public: true, at: created + 5},
    ])
  }))

test('what the desk had kept outside its catalogue can still be changed and taken away, and no more of it be made', () =>
  withDesk(async ({desk, apply, refuse}) => {
    const {id} = desk.createRequest({subject: 'Printer', fields: {site: 'A', floor: 2}})
    await apply({op: 'request.update', request: id, fields: {site: null, fields: {floor: 3}}})
    equal((await desk.get('request', id))?.fields, {floor: 3})
    match(await refuse({op: 'request.update', request: id, fields: {site: 'A'}}), /there is no field "site"/)
  }))

test('what is not there cannot be changed, and what is the desk’s own may not be', () =>
  withDesk(async ({desk, refuse}) => {
    const {id} = desk.createRequest({subject: 'Printer'})
    for (const request of ['99', '', '0', '1.0', ' 1', `${id} OR 1=1`]) {
      match(await refuse({op: 'request.update', request, fields: {}}), /there is no request/)
      match(await refuse({op: 'request.note', request, text: 'x'}), /there is no request/)
    }
    match(await refuse({op: 'asset.update', asset: '1', fields: {}}), /there is no asset/)
    match(await refuse({op: 'asset.upsert', asset: {id: '7', name: 'x'}}), /there is no asset/)
    match(await refuse({op: 'request.update', request: id, fields: {id: '2'}}), /"id" cannot be changed/)
    match(await refuse({op: 'request.update', request: id, fields: {subject: 1}}), /"subject" must be a text/)
    match(await refuse({op: 'asset.upsert', asset: {type: 'x'}}), /"Name" must not be empty/)
    match(await refuse({op: 'asset.upsert', asset: {name: 'x', nativeKey: {a: 1}}}), /"nativeKey" must be a text/)
    is(await desk.get('request', '99'), null)
    is(await desk.get('asset', '99'), null)
  }))

test('an asset is found again by its source’s key, never by its name', () =>
  withDesk(async ({desk, apply}) => {
    const first = await apply({op: 'asset.upsert', asset: {name: 'sw1', type: 'switch', nativeKey: 'k1', ports: 24}})
    equal(first, {id: '1', created: true})
    const again = {nativeKey: 'k1', name: 'sw1-new', ports: null, vendor: 'Acme'}
    equal(await apply({op: 'asset.upsert', asset: again}), {id: '1', created: false})
    const found = await desk.get('asset', '1')
    equal([found?.name, found?.type, found?.source, found?.attributes], ['sw1-new', 'switch', 'snmp', {vendor: 'Acme'}])
    equal(await apply({op: 'asset.upsert', asset: {name: 'sw1-new'}}), {id: '2', created: true})
    equal(await apply({op: 'asset.upsert', asset: {source: 'csv', nativeKey: 'k1', name: 'x'}}), {
      id: '3',
      created: true,
    })
    equal(await apply({op: 'asset.upsert', asset: {id: '2', attributes: {os: 'x'}}}), {id: '2', created: false})
    await apply({op: 'asset.update', asset: '2', fields: {ram: 4}})
    equal((await desk.get('asset', '2'))?.attributes, {os: 'x', ram: 4})
  }))

test('searching is by exact value, by words anywhere, and in pages', () =>
  withDesk(async ({desk, apply}) => {
    desk.createRequest({subject: 'Printer on fire', fields: {site: 'A', vip: true}})
    desk.createRequest({subject: 'Printer jam', status: 'closed', fields: {site: 'B', floor: 3}})
    desk.createRequest({subject: '100% load', description: 'fire drill'})
    await apply({op: 'asset.upsert', asset: {name: 'sw1', nativeKey: 'k1', serial: 'ABC'}})
    const search = async (query: object): Promise<unknown[]> => names((await desk.search('request', query)).items)
    equal(await search({}), ['100% load', 'Printer jam', 'Printer on fire'])
    equal(await search({where: {status: 'closed'}}), ['Printer jam'])
    equal(await search({where: {site: 'A', vip: true}}), ['Printer on fire'])
    equal(await search({where: {floor: 3}}), ['Printer jam'])
    equal(await search({where: {floor: '3'}}), [])
    equal(await search({text: 'fire'}), ['100% load', 'Printer on fire'])
    equal(await search({text: 'fire printer'}), ['Printer on fire'])
    equal(await search({text: '100%'}), ['100% load'])
    equal(await search({text: '%'}), ['100% load'])
    equal(await search({where: {"x') OR 1=1 --": 'y'}}), [])
    for (const odd of ['\0', '\ud800', "'", '"', '\\', '$.x', '[0]', '']) {
      equal(await search({where: {[odd]: odd}}), [], odd)
      equal(await search({where: {subject: {[odd]: [odd]}}}), [], odd)
      await search({text: `${odd} ${odd}`})
    }
    equal(await search({text: 'x '.repeat(250)}), [])
    equal(await search({where: {id: 1.5}}), [])
    equal(await search({where: {createdAt: Number.POSITIVE_INFINITY}}), [])
    const page = await desk.search('request', {limit: 1, offset: 1})
    equal([names(page.items), page.total], [['Printer jam'], 3])
    equal(names((await desk.search('asset', {where: {serial: 'ABC', nativeKey: 'k1'}})).items), ['sw1'])
  }))

test.run()
