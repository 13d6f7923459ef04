import {suite} from 'uvu'
import {equal, is, match, not, ok} from 'uvu/assert'
import type {MappingProblem} from '../host/types.ts'
import {refusal} from './support/executor.ts'
import {DEFINITION, input, manifest, SECRET, text, withMappings} from './support/mappings.ts'

const test = suite('mapping verbs')

test('a mapping is saved, listed, shown, changed and removed; each change is a revision', () =>
  withMappings(async ({mappings, clock}) => {
    const saved = await mappings.saveMapping('sms', 'urgent', DEFINITION, 'ann')
    const whole = {...DEFINITION, module: 'request', tables: {}}
    equal(saved, {
      ...whole,
      registration: 'sms',
      name: 'urgent',
      revision: 1,
      savedAt: clock.now(),
      savedBy: 'ann',
      problems: [],
    })
    equal(await mappings.getMapping('sms', 'urgent'), saved)
    equal(await mappings.listMappings('sms'), [saved])
    is((await mappings.saveMapping('sms', 'urgent', DEFINITION, 'bob')).revision, 1, 'nothing has changed')
    const [row] = DEFINITION.rows
    const changed = await mappings.saveMapping('sms', 'urgent', {...DEFINITION, rows: row ? [row] : []}, 'bob')
    equal([changed.revision, changed.savedBy], [2, 'bob'])
    equal(mappings.findRevision('sms', 'urgent', 1)?.rows, DEFINITION.rows)

    await mappings.removeMapping('sms', 'urgent', 'ann')
    equal(await mappings.listMappings('sms'), [])
    is((await refusal(mappings.getMapping('sms', 'urgent'))).code, 'MAPPING_NOT_FOUND')
    is((await refusal(mappings.removeMapping('sms', 'urgent', 'ann'))).code, 'MAPPING_NOT_FOUND')
    ok(mappings.findRevision('sms', 'urgent', 2), 'past executions can still be explained')
    is(mappings.findRevision('sms', 'urgent', 3), undefined)
    is((await mappings.saveMapping('sms', 'urgent', DEFINITION, 'ann')).revision, 4)
  }))

test('the newest 50 revisions are kept', () =>
  withMappings(async ({mappings}) => {
    const save = (count: number) =>
      mappings.saveMapping('sms', 'm', {action: 'send', rows: [{target: 'text', template: `text ${count}`}]}, 'ann')
    for (let count = 1; count <= 53; count++) await save(count)
    is(mappings.findRevision('sms', 'm', 3), undefined)
    is(mappings.findRevision('sms', 'm', 4)?.rows[0]?.template, 'text 4')
    is((await mappings.getMapping('sms', 'm')).revision, 53)
  }))

test('one with errors is refused with all of them and nothing is kept', () =>
  withMappings(async ({mappings}) => {
    const rows = [{target: 'txt', template: '{#Sbject}'}]
    const error = await refusal(mappings.saveMapping('sms', 'bad', {action: 'send', rows}, 'ann'))
    is(error.code, 'MAPPING_INVALID')
    match(error.message, /The action has no parameter "txt" \(\/rows\/0\/target\), and 1 more\nDid you mean "text"/)
    const problems = error.details.problems as MappingProblem[]
    equal(
      problems.map(({code}) => code),
      ['TARGET_UNKNOWN', 'REFERENCE_UNKNOWN'],
    )
    equal(await mappings.listMappings('sms'), [])
    const unknown = await refusal(mappings.saveMapping('sms', 'bad', {...DEFINITION, action: 'snd'}, 'ann'))
    match(unknown.message, /The plugin has no action "snd"/)
    for (const name of ['', 'a b', '../x', 'a/b', 'x'.repeat(101)]) {
      is((await refusal(mappings.saveMapping('sms', name, DEFINITION, 'ann'))).code, 'REQUEST_INVALID', name)
    }
    is((await refusal(mappings.saveMapping('nobody', 'x', DEFINITION, 'ann'))).code, 'REGISTRATION_NOT_FOUND')
    is((await refusal(mappings.listMappings('nobody'))).code, 'REGISTRATION_NOT_FOUND')
  }))

test('a preview shows each row and what is wrong, also of a mapping with errors, and no secret', () =>
  withMappings(async ({mappings}) => {
    await mappings.saveMapping('sms', 'urgent', DEFINITION, 'ann')
    const preview = await mappings.previewMapping({registration: 'sms', mapping: 'urgent', record: 'request:1'})
    equal([preview.ok, preview.problems, preview.missing], [true, [], []])
    equal(preview.input, {text: '#1: Mail does ', headers: {Authorization: 'Key ••••••'}})
    not.ok(JSON.stringify(preview).includes(SECRET))
    equal((await mappings.previewMapping({registration: 'sms', mapping: 'urgent', record: '1'})).input, preview.input)

    const rows = [
      {target: 'text', template: '{#Subject} {#Subject}'},
      {target: 'level', template: '{#Sbject}'},
      {target: 'headers.x', template: 'a {#Group} b'},
    ]
    const broken = await mappings.previewMapping({
      registration: 'sms',
      mapping: {action: 'send', rows},
      record: {subject: 'x'},
    })
    is(broken.ok, false)
    equal(
      broken.rows.map(({target, status, problem}) => [target, status, problem?.code ?? null]),
      [
        ['text', 'set', null],
        ['level', 'error', 'REFERENCE_UNKNOWN'],
        ['headers.x', 'omitted', null],
      ],
    )
    equal([broken.input, broken.missing], [{text: 'x x'}, ['Technician Group']])

    const long = {action: 'send', rows: [{target: 'text', template: '{#Subject}'}]}
    const unfit = await mappings.previewMapping({registration: 'sms', mapping: long, record: {subject: 'x'.repeat(30)}})
    equal(
      [unfit.ok, unfit.problems.map(({code, message}) => `${code} ${message}`)],
      [false, ['INPUT_INVALID The input /text must NOT have more than 20 characters']],
    )
  }))

test('a preview is refused for what is not there, and told where the configuration is incomplete', () =>
  withMappings(async ({mappings, registrations}) => {
    const mapping = DEFINITION
    const of = (change: object) =>
      mappings.previewMapping({registration: 'sms', mapping, record: 'request:1', ...change})
    is((await refusal(of({registration: 'nobody'}))).code, 'REGISTRATION_NOT_FOUND')
    is((await refusal(of({mapping: 'gone'}))).code, 'MAPPING_NOT_FOUND')
    is((await refusal(of({record: 'request:99'}))).code, 'RECORD_NOT_FOUND')
    is((await refusal(of({record: 'asset:1'}))).code, 'RECORD_NOT_FOUND')
    is((await refusal(of({record: 'house:1'}))).code, 'REQUEST_INVALID')
    registrations.create({plugin: 'sms', id: 'draft', name: 'Draft', config: {}, draft: true})
    const draft = await of({registration: 'draft'})
    is(draft.ok, false)
    ok(draft.problems.some(({code}) => code === 'CONFIG_INVALID'))
  }))

test('what a new version of the plugin would break is named, and what is broken already is not', () =>
  withMappings(async ({mappings, manifests, offline}) => {
    await mappings.saveMapping('sms', 'urgent', DEFINITION, 'ann')
    await mappings.saveMapping('sms', 'plain', {action: 'send', rows: [{target: 'text', template: 'x'}]}, 'ann')
    const {send} = manifest.actions
    ok(send)
    const next = {...manifest, version: '2.0.0', actions: {send: {...send, input: {...input, properties: {text}}}}}
    const broken = [
      {
        registration: 'sms',
        mapping: 'urgent',
        pointer: '/rows/1/target',
        message: 'The action has no parameter "headers"',
      },
    ]
    equal(await mappings.checkAgainst('sms', manifest), [])
    equal(await mappings.checkAgainst('sms', next), broken)
    offline.now = true
    equal(await mappings.checkAgainst('sms', next), broken, 'the main server need not answer')
    offline.now = false
    manifests.set('sms', next)
    equal(await mappings.checkAgainst('sms', next), [])
    equal(await mappings.checkAgainst('other', next), [])
  }))

test('a main server that does not answer is told, and nothing is saved unchecked', () =>
  withMappings(async ({mappings, offline}) => {
    offline.now = true
    is((await refusal(mappings.saveMapping('sms', 'x', DEFINITION, 'ann'))).code, 'MAIN_SERVER_UNAVAILABLE')
    offline.now = false
    equal(await mappings.listMappings('sms'), [])

    await mappings.saveMapping('sms', 'x', DEFINITION, 'ann')
    offline.now = true
    const [shown] = await mappings.listMappings('sms')
    equal(
      [shown?.rows, shown?.problems.map(({code, severity}) => `${severity} ${code}`)],
      [DEFINITION.rows, ['warning FIELDS_UNKNOWN']],
    )
    is((await refusal(mappings.prepare('sms', 'x', {record: {id: '1'}}))).code, 'MAIN_SERVER_UNAVAILABLE')
  }))

test('mappings go with their registration, and a new one of its id has none', () =>
  withMappings(async ({mappings, registrations}) => {
    await mappings.saveMapping('sms', 'urgent', DEFINITION, 'ann')
    registrations.create({plugin: 'sms', id: 'other', name: 'Other', config: {key: 'k'}})
    await mappings.saveMapping('other', 'urgent', DEFINITION, 'ann')
    registrations.remove('sms')
    registrations.create({plugin: 'sms', id: 'sms', name: 'SMS', config: {key: 'second-key'}})
    equal(await mappings.listMappings('sms'), [])
    is(mappings.findRevision('sms', 'urgent', 1), undefined)
    is((await mappings.listMappings('other')).length, 1)
    is((await mappings.saveMapping('sms', 'urgent', DEFINITION, 'ann')).revision, 1)
    const {input: made} = await mappings.prepare('sms', 'urgent', {record: {id: '1', subject: 'x'}})
    equal(made.headers, {Authorization: 'Key second-key'})
  }))

test.run()
