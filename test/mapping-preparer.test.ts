import {suite} from 'uvu'
import {equal, is, match, not, ok} from 'uvu/assert'
import type {MappingProblem} from '../host/types.ts'
import {refusal} from './support/executor.ts'
import {DEFINITION, input, manifest, SECRET, text, withMappings} from './support/mappings.ts'

const test = suite('mapping preparer')

test('an input is made with the secret in the clear, and the output rows go with it', () =>
  withMappings(async ({mappings, desk}) => {
    await mappings.saveMapping('sms', 'urgent', DEFINITION, 'ann')
    const record = await desk.get('request', '1')
    ok(record)
    equal(await mappings.prepare('sms', 'urgent', {record}), {
      action: 'send',
      module: 'request',
      input: {text: '#1: Mail does ', headers: {Authorization: `Key ${SECRET}`}},
      mapping: {name: 'urgent', revision: 1},
      output: DEFINITION.output,
    })
    const rows = await mappings.prepareRows('sms', 'send', 'request', [{target: 'text', template: '{#Subject}'}], {
      record,
    })
    equal([rows.input, rows.mapping, rows.output], [{text: 'Mail does not arrive'}, null, []])
    is((await refusal(mappings.prepare('sms', 'gone', {record}))).code, 'MAPPING_NOT_FOUND')
    is((await refusal(mappings.prepare('gone', 'urgent', {record}))).code, 'REGISTRATION_NOT_FOUND')
  }))

test('an input that cannot be made is refused with its problems, without the secret', () =>
  withMappings(async ({mappings, registrations}) => {
    await mappings.saveMapping('sms', 'urgent', DEFINITION, 'ann')
    const error = await refusal(mappings.prepare('sms', 'urgent', {record: {id: '1'}}))
    is(error.code, 'MAPPING_FAILED')
    match(
      error.message,
      /by mapping "urgent": Parameter "text" cannot be made of "Subject": it has no value \(\/rows\/0/,
    )
    equal((error.details.problems as MappingProblem[])[0]?.code, 'VALUE_MISSING')

    registrations.update('sms', {config: {key: `${SECRET}\nx`}})
    const broken = await refusal(mappings.prepare('sms', 'urgent', {record: {id: '1', subject: 'x'}}))
    is(broken.code, 'MAPPING_FAILED')
    not.ok(JSON.stringify([broken.message, broken.details]).includes(SECRET))
    const rows = [{target: 'text', template: '{#Gone}'}]
    is((await refusal(mappings.prepareRows('sms', 'send', 'request', rows, {record: {}}))).code, 'MAPPING_FAILED')
  }))

test('a change of configuration, fields or plugin is seen by the next input', () =>
  withMappings(async ({mappings, registrations, manifests, desk}) => {
    await mappings.saveMapping('sms', 'urgent', DEFINITION, 'ann')
    const source = {record: {id: '1', subject: 'x'}}
    const take = async () => (await mappings.prepare('sms', 'urgent', source)).input
    equal(await take(), await take())
    registrations.update('sms', {config: {key: 'another-key'}})
    equal((await take()).headers, {Authorization: 'Key another-key'})

    const {send} = manifest.actions
    ok(send)
    const shorter = {...send, input: {...input, properties: {text}}}
    manifests.set('sms', {...manifest, actions: {send: shorter}})
    is((await refusal(take())).code, 'MAPPING_FAILED')
    const [problem] = (await mappings.getMapping('sms', 'urgent')).problems
    equal([problem?.code, problem?.pointer], ['TARGET_UNKNOWN', '/rows/1/target'])
    manifests.set('sms', manifest)
    await take()
    const field = (await desk.listFields('request')).at(-1)
    await desk.removeField('request', field?.id ?? '')
    is((await mappings.getMapping('sms', 'urgent')).problems[0]?.pointer, '/output/0/field')
  }))

test('made ready once: neither a second input nor a catalogue read anew compiles it again', () =>
  withMappings(async ({mappings, desk, offline}) => {
    await mappings.saveMapping('sms', 'urgent', DEFINITION, 'ann')
    const source = {record: {id: '1', subject: 'x'}}
    const first = await mappings.prepare('sms', 'urgent', source)
    offline.fields = structuredClone(await desk.listFields('request'))
    const second = await mappings.prepare('sms', 'urgent', source)
    is(second.output, first.output, 'the same definition')
    await mappings.saveMapping('sms', 'urgent', {...DEFINITION, output: []}, 'ann')
    equal((await mappings.prepare('sms', 'urgent', source)).output, [])
  }))

test.run()
