import {suite} from 'uvu'
import {equal, is} from 'uvu/assert'
import {HostError} from '../host/errors.ts'
import {type Announce, createRecordVerbs} from '../host/record-verbs.ts'
import type {MainEvent, RecordVerbs} from '../host/types.ts'
import {type DeskTest, withDesk} from './support/desk.ts'
import {refusal} from './support/executor.ts'

const test = suite('record verbs')

interface VerbTest extends DeskTest {
  verbs: RecordVerbs
  told: (MainEvent & {by: string})[]
  processed: string[]
  faults: unknown[]
}

function withVerbs(run: (test: VerbTest) => Promise<void>, change: Partial<Announce> = {}): Promise<void> {
  return withDesk(async base => {
    const told: VerbTest['told'] = []
    const processed: string[] = []
    const faults: unknown[] = []
    const announce: Announce = {
      insert(event, by) {
        told.push({...event, by})
        return {id: `event-${told.length}`}
      },
      process: async id => void processed.push(id),
      ...change,
    }
    const {desk, store} = base
    const verbs = createRecordVerbs({
      mainServer: desk,
      desk,
      store,
      announce,
      onError: error => void faults.push(error),
    })
    await run({...base, verbs, told, processed, faults})
  })
}

test('a new record and a changed one are announced, with the record as it was', () =>
  withVerbs(async ({verbs, told, processed}) => {
    const made = await verbs.createRecord('request', {subject: 'Printer'}, 'ann')
    const changed = await verbs.updateRecord('request', made.id, {status: 'closed'}, 'bob')
    equal(told, [
      {type: 'request.created', module: 'request', record: made, by: 'ann'},
      {type: 'request.updated', module: 'request', record: changed, old: made, by: 'bob'},
    ])
    equal(processed, ['event-1', 'event-2'])
    await verbs.createRecord('asset', {name: 'sw1'}, 'ann')
    is(told[2]?.type, 'asset.created')
  }))

test('nothing is announced of a change that changes nothing, is refused, or was made by an effect', () =>
  withVerbs(async ({verbs, told, apply}) => {
    const {id} = await verbs.createRecord('request', {subject: 'Printer'}, 'ann')
    told.length = 0
    await verbs.updateRecord('request', id, {subject: 'Printer'}, 'ann')
    is((await refusal(verbs.updateRecord('request', id, {subject: ''}, 'ann'))).code, 'MAIN_SERVER_REFUSED')
    is((await refusal(verbs.updateRecord('request', '9', {}, 'ann'))).code, 'RECORD_NOT_FOUND')
    await apply({op: 'request.update', request: id, fields: {status: 'closed'}})
    await verbs.addNote(id, {text: 'x'}, 'ann')
    equal(told, [])
  }))

test('a record whose event cannot be written is not written either', () =>
  withVerbs(
    async ({verbs, desk}) => {
      is((await refusal(verbs.createRecord('request', {subject: 'Printer'}, 'ann'))).code, 'HOST_STORE_FAILED')
      is((await desk.search('request', {})).total, 0)
    },
    {
      insert() {
        throw new HostError('HOST_STORE_FAILED', {reason: 'full'})
      },
    },
  ))

test('what the rules make of an event does not undo the change', () =>
  withVerbs(
    async ({verbs, faults}) => {
      is((await verbs.createRecord('request', {subject: 'Printer'}, 'ann')).id, '1')
      is((await verbs.getRecord('request', '1')).subject, 'Printer')
      equal(faults, ['rules are broken'])
    },
    {process: () => Promise.reject('rules are broken')},
  ))

test('with another main server behind the host, records go there and its fields are its own', () =>
  withDesk(async ({desk, store}) => {
    const verbs = createRecordVerbs({mainServer: desk, desk: undefined, store, onError: () => {}})
    is((await verbs.createRecord('request', {subject: 'There'}, 'ann')).id, '1')
    is((await verbs.updateRecord('request', '1', {status: 'closed'}, 'ann')).status, 'closed')
    const made = verbs.createField({module: 'request', label: 'x', type: 'text'})
    is((await refusal(made)).code, 'MAIN_SERVER_REFUSED')
    is((await refusal(verbs.removeField('request', 'cf:1'))).code, 'MAIN_SERVER_REFUSED')
    is((await refusal(verbs.getRecord('request', '9'))).code, 'RECORD_NOT_FOUND')
  }))

test.run()
