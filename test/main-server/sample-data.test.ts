import {suite} from 'uvu'
import {equal, is, not, ok} from 'uvu/assert'
import {checkValue} from '../../host/main-server/check-value.ts'
import {SAMPLE_PEOPLE} from '../../host/main-server/sample-people.ts'
import type {MainRecord, Module} from '../../host/record-types.ts'
import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {withDesk} from '../support/desk.ts'

const test = suite('sample-data')

const ALL: Module[] = ['request', 'asset', 'user']

test('an empty desk is filled once; one with anything on it is left as it is', () =>
  withDesk(async ({desk}) => {
    equal(desk.fillSampleData(), {users: 12, requests: 40, assets: 60, fields: 8})
    const before = await desk.search('request', {limit: 1000})
    is(desk.fillSampleData(), null)
    equal(await desk.search('request', {limit: 1000}), before)
    is((await desk.search('asset', {})).total, 60)
  }))

test('one record is enough to be left alone', () =>
  withDesk(async ({desk}) => {
    await desk.create('asset', {name: 'mine'}, 'ann')
    is(desk.fillSampleData(), null)
    is((await desk.search('user', {})).total, 0)
  }))

test('it is the same on every desk', async () => {
  const fill = (): Promise<MainRecord[][]> =>
    withDesk(async ({desk}) => {
      desk.fillSampleData()
      return Promise.all(ALL.map(async module => (await desk.search(module, {limit: 1000})).items))
    })
  equal(await fill(), await fill())
})

test('every value would be accepted from a person, and every person is known', () =>
  withDesk(async ({desk}) => {
    desk.fillSampleData()
    const emails = SAMPLE_PEOPLE.map(({email}) => email)
    for (const module of ALL) {
      const fields = (await desk.listFields(module)).filter(({readOnly}) => !readOnly)
      for (const record of (await desk.search(module, {limit: 1000})).items) {
        for (const field of fields) {
          const value = field.path.reduce<Json>((node, key) => (node as JsonObject | null)?.[key] ?? null, record)
          const checked = checkValue(field, value)
          ok('value' in checked, `${module} ${record.id}, ${field.id}: ${JSON.stringify(value)}`)
          if (field.type === 'user' && value) ok(emails.includes(String(value)), `${record.id} ${value}`)
        }
      }
    }
  }))

test('serials, addresses and names of assets are unique; requests are older the smaller their number', () =>
  withDesk(async ({desk, clock}) => {
    desk.fillSampleData()
    const assets = (await desk.search('asset', {limit: 1000})).items
    const collect = (key: string): unknown[] =>
      assets.map(({attributes}) => (attributes as JsonObject)[key]).filter(value => value !== undefined)
    for (const values of [assets.map(({name}) => name), collect('serial'), collect('mac'), collect('ip')]) {
      is(new Set(values).size, values.length)
      ok(values.length >= 46)
    }
    const times = (await desk.search('request', {limit: 1000})).items.map(({createdAt}) => Number(createdAt))
    equal(
      times,
      [...times].sort((a, b) => b - a),
    )
    ok(times.every(at => at < clock.now()))
  }))

test('the first request is Ann’s, whose telephone can be read from it', () =>
  withDesk(async ({desk}) => {
    desk.fillSampleData()
    const first = await desk.get('request', '1')
    const {name, email, phone} = (first?.requester ?? {}) as JsonObject
    equal([name, email, phone], ['Ann Berg', 'ann.berg@example.com', '+49 30 55500101'])
    not.equal((await desk.get('request', '2'))?.requester, null)
    const reference = (await desk.listFields('request')).find(({label}) => label === 'SMS reference')
    is(reference?.systemManaged, true)
  }))

test.run()
