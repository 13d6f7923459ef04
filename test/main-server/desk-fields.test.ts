import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import {equal, is, match, ok} from 'uvu/assert'
import {ATTACHMENT_BYTES} from '../../host/main-server/desk-effects.ts'
import type {FieldType} from '../../host/record-types.ts'
import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {refusedWrite, withDesk} from '../support/desk.ts'
import {refusal} from '../support/executor.ts'

const test = suite('desk: fields, users, attachments')

const TYPES: [type: FieldType, good: Json[], bad: Json[]][] = [
  ['text', ['x'], [1, true, ['x'], {}, 'x'.repeat(100_001)]],
  ['number', [0, -2.5], ['1', true, {}]],
  ['boolean', [true, false], ['true', 1, 0]],
  ['date', ['2027-03-31', '2028-02-29', '2027-03-31T10:00:00Z'], ['31.3.2027', '2027-02-30', '2027-13-01', 1, 'today']],
  ['choice', ['red'], ['pink', 1, ['red']]],
  ['tags', [['a', 'b']], ['a', [1], [''], {}]],
  ['user', ['ann@example.com'], [7, {}]],
]

test('each type of field takes its own values and no others', () =>
  withDesk(async ({desk}) => {
    for (const [type, good, bad] of TYPES) {
      const choices = type === 'choice' ? {choices: ['red', 'green']} : {}
      const {id, label} = await desk.createField({module: 'request', label: `a ${type}`, type, ...choices})
      const made = await desk.create('request', {subject: 's'}, 'x')
      for (const value of good) {
        const changed = await desk.update('request', made.id, {[id]: value}, 'x')
        equal(changed.fields, {[label]: value}, type)
      }
      for (const value of bad) {
        const reason = await refusedWrite(desk.update('request', made.id, {[id]: value}, 'x'))
        match(reason, /must (be|have)/, `${type}: ${JSON.stringify(value)}`)
      }
      equal((await desk.update('request', made.id, {[id]: null}, 'x')).fields, {}, type)
    }
  }))

test('a field is named by id, label or short form; what is read only, unknown or ambiguous is refused', () =>
  withDesk(async ({desk, store}) => {
    await desk.createField({module: 'request', label: 'Room', type: 'text'})
    const {id} = await desk.create('request', {Subject: 's', PRIORITY: 'High', group: 'g', 'cf:1': 'R1'}, 'x')
    const record = await desk.get('request', id)
    equal([record?.subject, record?.priority, record?.group, record?.fields], ['s', 'high', 'g', {Room: 'R1'}])
    const wrong: [fields: JsonObject, reason: RegExp][] = [
      [{'Ticket Id': '5'}, /"Ticket Id" cannot be changed/],
      [{Email: 'x'}, /"Email" cannot be changed/],
      [{createdAt: 1}, /"createdAt" cannot be changed/],
      [{Rooom: 'x'}, /there is no field "Rooom"/],
      [{__proto__x: 1, Roooom: 1}, /"__proto__x".*; there is no field "Roooom"/],
      [{subject: ''}, /"subject" must not be empty/],
      [{subject: '  '}, /"subject" must not be empty/],
      [{status: null}, /"status" must not be empty/],
      [{status: 'done'}, /must be one of open, in progress/],
    ]
    for (const [fields, reason] of wrong) match(await refusedWrite(desk.update('request', id, fields, 'x')), reason)
    // Two with one label can come from an older desk only: the desk itself refuses to make the second.
    store.deskFields.insert({module: 'request', label: 'room', type: 'text', required: false, systemManaged: false})
    const {fields} = await desk.update('request', id, {'cf:1': 'R2'}, 'x')
    equal(fields, {Room: 'R2'})
  }))

test('all problems are told at once, each with its place', () =>
  withDesk(async ({desk}) => {
    const error = await refusal(desk.create('request', {subject: 1, fields: {Rooom: 2}, priority: 'x'}, 'x'))
    equal(
      (error.details.problems as {pointer: string}[]).map(({pointer}) => pointer),
      ['/subject', '/fields/Rooom', '/priority'],
    )
    is((await desk.search('request', {})).total, 0)
  }))

test('a required custom field is asked of new requests, and cannot be emptied', () =>
  withDesk(async ({desk}) => {
    const before = await desk.create('request', {subject: 'old'}, 'x')
    await desk.createField({module: 'request', label: 'Site', type: 'choice', choices: ['A', 'B'], required: true})
    match(await refusedWrite(desk.create('request', {subject: 'new'}, 'x')), /"Site" must not be empty/)
    await desk.create('request', {subject: 'new', Site: 'a'}, 'x')
    is((await desk.update('request', before.id, {subject: 'older'}, 'x')).subject, 'older')
    match(await refusedWrite(desk.update('request', '2', {Site: ''}, 'x')), /"Site" must not be empty/)
  }))

test('the catalogue is the same list until it changes; a removed field leaves its values', () =>
  withDesk(async ({desk}) => {
    const first = await desk.listFields('request')
    is(await desk.listFields('request'), first)
    const {id} = await desk.createField({module: 'request', label: ' Room ', type: 'text', systemManaged: true})
    const second = await desk.listFields('request')
    equal(second.at(-1), {
      id,
      label: 'Room',
      type: 'text',
      path: ['fields', 'Room'],
      required: false,
      systemManaged: true,
      readOnly: false,
    })
    const made = await desk.create('request', {subject: 's', Room: '1'}, 'x')
    await desk.removeField('request', id)
    equal(await desk.listFields('request'), first)
    equal((await desk.get('request', made.id))?.fields, {Room: '1'})
    for (const gone of [id, 'subject', 'cf:', 'cf:0']) {
      is((await refusal(desk.removeField('request', gone))).code, 'RECORD_NOT_FOUND')
    }
    const wrong = [
      {label: 'subject', type: 'text'},
      {label: '  ', type: 'text'},
      {label: '__proto__', type: 'text'},
      {label: 'x', type: 'choice'},
      {label: 'x', type: 'text', choices: ['a']},
    ] as const
    for (const field of wrong) await refusedWrite(desk.createField({module: 'request', ...field} as never))
  }))

test('the requester of a request is the whole person, found in any case of letters', () =>
  withDesk(async ({desk}) => {
    const person = {name: 'Ann', email: 'Ann@Example.com', phone: '1', department: 'IT', location: 'Berlin'}
    await desk.create('user', person, 'x')
    const {id, requester} = await desk.create('request', {subject: 's', requester: 'ANN@example.com'}, 'x')
    equal(requester, {...person, email: 'ann@example.com'})
    is((await desk.search('request', {where: {'Requester Department': 'IT'}})).items[0]?.id, id)
    is((await desk.search('request', {where: {'requester.email': 'bob@example.com'}})).total, 0)
    const {requester: unknown} = await desk.update('request', id, {requester: 'bob@example.com'}, 'x')
    equal(unknown, {name: '', email: 'bob@example.com', phone: '', department: '', location: ''})
    is((await desk.update('request', id, {requester: null}, 'x')).requester, null)
  }))

test('an email address belongs to one user; upserting finds the user by it', () =>
  withDesk(async ({desk, apply, refuse}) => {
    equal(await apply({op: 'user.upsert', user: {name: 'Ann', email: 'ann@example.com'}}), {id: '1', created: true})
    equal(await apply({op: 'user.upsert', user: {email: 'ANN@example.com', phone: '2'}}), {id: '1', created: false})
    equal(await apply({op: 'user.upsert', user: {id: '1', active: false}}), {id: '1', created: false})
    const ann = await desk.get('user', '1')
    equal([ann?.name, ann?.phone, ann?.active], ['Ann', '2', false])
    match(await refuse({op: 'user.upsert', user: {email: 'bob@example.com'}}), /"Name" must not be empty/)
    match(await refuse({op: 'user.upsert', user: {id: '9', name: 'x'}}), /there is no user "9"/)
    await desk.create('user', {name: 'Bob', email: 'bob@example.com'}, 'x')
    match(await refusedWrite(desk.update('user', '2', {email: 'Ann@example.com'}, 'x')), /user 1 has the email address/)
    const hostile = JSON.parse('{"name": "x", "__proto__": {"type": "y"}}') as JsonObject
    match(await refuse({op: 'asset.upsert', asset: hostile}), /there is no field "__proto__"/)
    for (const name of ['No', 'Mail']) await desk.create('user', {name}, 'x')
  }))

test('a plugin makes a request by an effect', () =>
  withDesk(async ({desk, apply, refuse}) => {
    equal(await apply({op: 'request.create', fields: {subject: 'made', priority: 'low'}}), {id: '1'})
    is((await desk.get('request', '1'))?.priority, 'low')
    match(await refuse({op: 'request.create', fields: {}}), /"Subject" must not be empty/)
  }))

test('a file of the execution is attached whole, a missing or large one is refused', () =>
  withDesk(async ({desk, store, apply, refuse, folder, clock}) => {
    await desk.create('request', {subject: 's'}, 'x')
    const files: {[name: string]: number} = {
      'a.pdf': 3,
      'full.bin': ATTACHMENT_BYTES,
      'large.bin': ATTACHMENT_BYTES + 1,
    }
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), Buffer.alloc(bytes, 7))
    const readArtifact = (name: string) =>
      name in files ? {path: join(folder, name), type: 'application/pdf'} : undefined
    const attach = (artifact: string, request = '1') => ({op: 'request.attach', request, artifact}) as const
    equal(await apply(attach('a.pdf'), {readArtifact}), {id: '1', attachment: '1'})
    await apply(attach('full.bin'), {readArtifact})
    equal((await desk.listAttachments('1'))[0], {
      id: '1',
      name: 'a.pdf',
      type: 'application/pdf',
      bytes: 3,
      at: clock.now(),
    })
    equal([...(store.deskAttachments.read('1', '1')?.data ?? [])], [7, 7, 7])
    match(await refuse(attach('large.bin'), {readArtifact}), /5242881 bytes, more than 5242880/)
    match(await refuse(attach('none'), {readArtifact}), /made no artifact "none"/)
    match(await refuse(attach('a.pdf')), /made no artifact/)
    match(await refuse(attach('a.pdf', '9'), {readArtifact}), /there is no request "9"/)
    is((await desk.listAttachments('1')).length, 2)
  }))

test('a request is closed without a note only where that is allowed', async () => {
  await withDesk(async ({desk}) => {
    is((await desk.create('request', {subject: 's', status: 'closed'}, 'x')).status, 'closed')
  })
  await withDesk(
    async ({desk, refuse, apply}) => {
      await desk.create('request', {subject: 's'}, 'x')
      match(await refuse({op: 'request.update', request: '1', fields: {status: 'closed'}}), /only when it has a note/)
      await refusedWrite(desk.create('request', {subject: 's', status: 'closed'}, 'x'))
      await apply({op: 'request.note', request: '1', text: 'Done'})
      await apply({op: 'request.update', request: '1', fields: {status: 'closed'}})
      ok(await desk.update('request', '1', {priority: 'low'}, 'x'))
    },
    {closingNeedsNote: true},
  )
})

test('notes belong to a request that is there, and say something', () =>
  withDesk(async ({desk}) => {
    is((await refusal(desk.listNotes('1'))).code, 'RECORD_NOT_FOUND')
    is((await refusal(desk.addNote('1', {text: 'x'}, 'ann'))).code, 'RECORD_NOT_FOUND')
    is((await refusal(desk.listAttachments('1'))).code, 'RECORD_NOT_FOUND')
    await desk.create('request', {subject: 's'}, 'x')
    await refusedWrite(desk.addNote('1', {text: ' \n'}, 'ann'))
    is((await desk.addNote('1', {text: 'x'}, 'ann')).public, false)
  }))

test.run()
