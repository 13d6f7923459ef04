import {suite} from 'uvu'
import {equal, match} from 'uvu/assert'
import {listBroken} from '../host/list-broken.ts'
import type {Manifest} from '../host/manifest.ts'
import type {ScheduleRow} from '../host/store/schedules.ts'
import {echoManifest} from './support/echo-manifest.ts'
import {DEFINITION} from './support/schedules.ts'
import {withStore} from './support/store.ts'
import {describeAction, describeRule} from './support/workflow.ts'

const test = suite('list-broken')

function describeSchedule(change: Partial<ScheduleRow>): ScheduleRow {
  const times = {nextAt: null, lastAt: null, plannedAt: null, waitingAt: null, createdAt: 1, updatedAt: 1}
  const last = {lastExecution: null, lastStatus: null, lastMessage: ''}
  const settings = {input: {}, enabled: true, catchUp: 'one' as const, overlap: 'skip' as const, jitterMs: 0}
  return {...DEFINITION, ...times, ...last, ...settings, id: 'pull', ...change}
}

const action = (properties: object, required: string[]): Manifest['actions'][string] => ({
  effect: 'read',
  input: {type: 'object', properties: JSON.parse(JSON.stringify(properties)), required, additionalProperties: false},
  output: {},
  samples: [],
})
const FIELD = {type: 'string'}
const NOW: Manifest = {
  ...echoManifest,
  actions: {say: action({text: FIELD, tone: FIELD}, []), shout: action({text: FIELD, tone: FIELD}, [])},
}
const NEXT: Manifest = {...echoManifest, actions: {say: action({text: FIELD}, ['text'])}}

test('rules and schedules whose action is gone or takes another input are named, and no others', () =>
  withStore(async ({store}) => {
    const rows = [{target: 'text', template: '{#subject}'}]
    const inline = (key: string, change: object) => {
      const {mapping: _, ...rest} = describeAction(key)
      return {...rest, rows, ...change}
    }
    store.rules.save(describeRule({id: 'fits', actions: [inline('one', {})]}))
    store.rules.save(describeRule({id: 'gone', actions: [inline('one', {action: 'shout'})]}))
    store.rules.save(describeRule({id: 'misfit', actions: [inline('two', {rows: [{target: 'tone', template: 'x'}]})]}))
    store.rules.save(describeRule({id: 'other', actions: [inline('one', {registration: 'sms', action: 'shout'})]}))
    store.schedules.save(describeSchedule({id: 'fits', name: 'Fits', input: {text: 'x'}}))
    store.schedules.save(describeSchedule({id: 'gone', name: 'Gone', action: 'shout'}))
    store.schedules.save(describeSchedule({id: 'misfit', name: 'Misfit', input: {tone: 'loud'}}))
    const broken = await listBroken('echo', NEXT, {
      store,
      findRegistration: id => ({id, plugin: id, enabled: true, settings: {}}) as never,
      findManifest: () => ({manifest: NOW, version: '1.0.0'}),
      // The main server does not answer: that breaks nothing.
      listFields: async () => [],
    })
    equal(
      broken.map(({rule}) => rule),
      ['gone', 'misfit', 'gone', 'misfit'],
    )
    match(broken[0]?.message ?? '', /rule "gone", step "one": there is no action "shout" any more/)
    match(broken[1]?.message ?? '', /tone/)
    match(broken[3]?.message ?? '', /schedule "Misfit".*text/)
  }))

test.run()
