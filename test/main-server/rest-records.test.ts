import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import {equal, is, match, ok} from 'uvu/assert'
import type {Effect, JsonObject} from '../../runtime/protocol.ts'
import {refusal} from '../support/executor.ts'
import {withRest} from '../support/rest.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('main server by REST: records')

const CONTEXT = {execution: 'e1', plugin: 'ad', by: 'rule'}
const NEW = {subject: 'Printer', requester: 'ann@example.com'}

test('a request is made, read with its whole requester, changed and found', () =>
  withRest(async ({rest, server}) => {
    const made = await rest.create('request', {...NEW, Priority: 'High', Phone: '0151', 'cf:36': 3}, 'ann')
    equal([made.id, made.subject, made.status, made.priority], ['1', 'Printer', 'Open', 'High'])
    equal(made.fields, {Phone: '0151', Floor: 3})
    const {phone, department} = made.requester as JsonObject
    equal([phone, department], ['+49 30 5550101', 'Sales'])
    equal(server.state.request.get(1)?.customFieldValueDetails, {
      35: {type: 1, stringValue: '0151'},
      36: {type: 5, longValue: 3},
    })
    await rest.update('request', '1', {status: 'In Progress', Building: 'b', 'Joining date': '2027-04-01'}, 'ann')
    const now = await rest.get('request', '1')
    equal(
      [now?.status, now?.fields],
      ['In Progress', {Phone: '0151', Floor: 3, 'Joining date': '2027-04-01T00:00:00.000Z', Building: 'B'}],
    )
    await rest.create('request', {...NEW, subject: 'Monitor'}, 'ann')
    const page = await rest.search('request', {where: {status: 'In Progress'}})
    equal([page.total, page.items.map(({id}) => id)], [1, ['1']])
    equal(
      (await rest.search('request', {text: 'moni'})).items.map(({id}) => id),
      ['2'],
    )
    equal(
      (await rest.search('request', {limit: 1})).items.map(({id}) => id),
      ['2'],
    )
    is((await rest.search('request', {limit: 1})).total, 2)
    is(await rest.get('request', '9'), null)
    is(await rest.get('request', '../asset/1'), null)
  }))

test('every type of a custom field goes out under its code, and comes back as it was', () =>
  withRest(async ({rest, server}) => {
    const long = 'x'.repeat(300)
    const values = {Phone: long, Floor: 2.5, Sites: ['A', 'B'], Building: 'A', 'AD account': 'aberg'}
    const {fields} = await rest.create('request', {...NEW, fields: values}, 'ann')
    equal(fields, {...values})
    equal(server.state.request.get(1)?.customFieldValueDetails, {
      35: {type: 10, bigStringValue: long},
      36: {type: 3, doubleValue: 2.5},
      38: {type: 8, stringListValue: ['A', 'B']},
      39: {type: 1, stringValue: 'A'},
      40: {type: 1, stringValue: 'aberg'},
    })
    const emptied = await rest.update('request', '1', {Phone: null, Sites: []}, 'ann')
    is((emptied.fields as JsonObject).Phone, undefined)
  }))

test('what does not fit the catalogue is refused before anything is sent', () =>
  withRest(async ({rest, server}) => {
    for (const fields of [{Flor: 3}, {Floor: 'three'}, {Building: 'C'}, {'Requester Phone': '1'}, {id: '7'}]) {
      const error = await refusal(rest.create('request', {...NEW, ...fields}, 'ann'))
      equal([error.code, error.details.category], ['MAIN_SERVER_REFUSED', 'business'], JSON.stringify(fields))
    }
    is(server.state.request.size, 0)
    ok(!server.calls.includes('POST /api/v1/request'))
  }))

test('an asset is never made over another one of its name', () =>
  withRest(async ({rest, server}) => {
    const asset = {name: 'NB-001', type: 'hardware$computer', serial: 'S1', 'Cost center': 'CC-1'}
    const {id} = await rest.create('asset', asset, 'ann')
    equal((await rest.get('asset', id))?.attributes, {serial: 'S1', 'Cost center': 'CC-1'})
    is(server.state.asset.get(1)?.type, 'HardwareAsset')
    const error = await refusal(rest.create('asset', {...asset, serial: 'S2'}, 'ann'))
    is(error.code, 'MAIN_SERVER_REFUSED')
    match(error.message, /asset 1 has the name "NB-001", and would be overwritten/)
    is(server.state.asset.get(1)?.serialNumber, 'S1')
  }))

test('an effect finds its asset by id, serial number or name, and stops where they contradict', () =>
  withRest(async ({rest, server}) => {
    const upsert = (asset: JsonObject): Promise<JsonObject> => rest.applyEffect({op: 'asset.upsert', asset}, CONTEXT)
    const type = 'hardware$computer'
    equal(await upsert({nativeKey: 'k', name: 'NB-001', type, serial: 'S1'}), {id: '1', created: true})
    equal(await upsert({name: 'NB-renamed', serial: 'S1'}), {id: '1', created: false})
    is(server.state.asset.get(1)?.name, 'NB-renamed')
    equal(await upsert({name: 'NB-renamed', ip: '10.0.0.1'}), {id: '1', created: false})
    equal(await upsert({id: '1', model: 'T14'}), {id: '1', created: false})
    const error = await refusal(upsert({name: 'NB-renamed', type, serial: 'S2'}))
    equal([error.code, error.details.category], ['EFFECT_FAILED', 'business'])
    is(server.state.asset.size, 1)
  }))

test('notes, replies and files go into the request', () =>
  withRest(async ({rest, server}) =>
    withTempFolder(async folder => {
      const {id} = await rest.create('request', NEW, 'ann')
      const apply = (effect: Effect): Promise<JsonObject> =>
        rest.applyEffect(effect, {
          ...CONTEXT,
          readArtifact: name => (name === 'a.csv' ? {path: join(folder, name), type: 'text/csv'} : undefined),
        })
      await apply({op: 'request.note', request: id, text: '1 < 2 & "3"\nsecond line'})
      await rest.addNote(id, {text: 'Done', public: true}, 'ann')
      const notes = await rest.listNotes(id)
      equal(
        notes.map(({text, public: isPublic}) => [text, isPublic]),
        [
          ['1 < 2 & "3"\nsecond line', false],
          ['Done', true],
        ],
      )
      is(notes[0]?.at, Date.UTC(2025, 6, 16, 16, 33))
      await writeFile(join(folder, 'a.csv'), 'a,b')
      await apply({op: 'request.attach', request: id, artifact: 'a.csv'})
      await apply({op: 'request.attach', request: id, artifact: 'a.csv'})
      const files = await rest.listAttachments(id)
      equal(
        files.map(({name}) => name),
        ['a.csv', 'a.csv'],
      )
      is(server.state.files.get(files[0]?.id ?? '')?.data.toString(), 'a,b')
      match((await refusal(apply({op: 'request.attach', request: id, artifact: 'b.csv'}))).message, /no artifact/)
      is((await refusal(rest.listNotes('9'))).code, 'RECORD_NOT_FOUND')
      is((await refusal(apply({op: 'request.note', request: '9', text: 'x'}))).code, 'EFFECT_FAILED')
    }),
  ))

test('users are made and changed; requests are made and changed by effects', () =>
  withRest(async ({rest}) => {
    const apply = (effect: Effect): Promise<JsonObject> => rest.applyEffect(effect, CONTEXT)
    const user = {name: 'Bela', email: 'bela@example.com', phone: '2'}
    equal(await apply({op: 'user.upsert', user}), {id: '2', created: true})
    equal(await apply({op: 'user.upsert', user: {...user, phone: '3'}}), {id: '2', created: false})
    is((await rest.get('user', '2'))?.phone, '3')
    equal(await apply({op: 'request.create', fields: {...NEW}}), {id: '1'})
    equal(await apply({op: 'request.update', request: '1', fields: {subject: 'Other'}}), {id: '1'})
    is((await rest.get('request', '1'))?.subject, 'Other')
  }))

test.run()
