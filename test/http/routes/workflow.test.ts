import {suite} from 'uvu'
import {equal, is} from 'uvu/assert'
import type {EventResult, Rule, RuleRun, Schedule, StoredEvent} from '../../../host/types.ts'
import {deadline} from '../../support/deadline.ts'
import {type Answer, type Served, withHttp} from '../../support/http.ts'

const test = suite('workflow routes')

const serve =
  (run: (served: Served) => Promise<void>): (() => Promise<void>) =>
  () =>
    deadline(30_000, withHttp(run))
const code = ({json}: Answer): unknown => (json as {code?: string}).code

const RULE = {
  id: 'joiner',
  name: 'Joiner',
  trigger: {kind: 'event', events: ['request.created']},
  when: {all: [{field: 'Status', is: 'equal', value: 'open'}]},
  actions: [{key: 'create', registration: 'echo', action: 'echo', mapping: 'user'}],
}
const SCHEDULE = {
  id: 'pull',
  name: 'Pull',
  registration: 'echo',
  action: 'echo',
  cron: '30 2 * * *',
  timeZone: 'Europe/Berlin',
}
const EVENT = {id: 'ev-1', type: 'request.created', record: {id: '12', subject: 'Printer'}}

test(
  'an event is told once, and told of with what it started',
  serve(async ({call}) => {
    await call('POST', '/v1/rules', {body: RULE})
    const told = await call('POST', '/v1/events', {body: EVENT, token: 'execute-token'})
    is(told.status, 200)
    const {duplicate, runs} = told.json as EventResult
    equal([duplicate, runs.map(({rule, by}) => [rule, by])], [false, [['joiner', 'caller']]])
    is(((await call('POST', '/v1/events', {body: EVENT})).json as EventResult).duplicate, true)
    await call('POST', '/v1/events', {body: {type: 'asset.created', record: {}, old: {}}})
    const list = async (query: string): Promise<string[]> => {
      const {items} = (await call('GET', `/v1/events${query}`)).json as {items: StoredEvent[]}
      return items.map(({type}) => type)
    }
    equal(await list(''), ['asset.created', 'request.created'])
    equal(await list('?type=asset.created&limit=1'), ['asset.created'])
    equal(((await call('GET', '/v1/events/ev-1')).json as StoredEvent).runs, [runs[0]?.id])
    is(code(await call('GET', '/v1/events/none')), 'EVENT_NOT_FOUND')
  }),
)

test(
  'a rule is created with its place, read, changed, copied and removed',
  serve(async ({call}) => {
    const made = await call('POST', '/v1/rules', {body: RULE})
    equal([made.status, made.headers.get('location')], [201, '/v1/rules/joiner'])
    is(code(await call('POST', '/v1/rules', {body: RULE})), 'RULE_EXISTS')
    const changed = await call('PATCH', '/v1/rules/joiner', {body: {enabled: false, when: null, position: 1}})
    equal([changed.status, (changed.json as Rule).enabled, (changed.json as Rule).when], [200, false, null])
    const copy = await call('POST', '/v1/rules/joiner/duplicate')
    equal([copy.status, copy.headers.get('location')], [201, '/v1/rules/joiner-copy'])
    is(((await call('GET', '/v1/rules')).json as {items: Rule[]}).items.length, 2)
    is((await call('DELETE', '/v1/rules/joiner')).status, 204)
    for (const [method, path] of [
      ['GET', '/v1/rules/joiner'],
      ['DELETE', '/v1/rules/joiner'],
      ['POST', '/v1/rules/joiner/duplicate'],
    ] as const)
      is(code(await call(method, path)), 'RULE_NOT_FOUND')
  }),
)

test(
  'a rule is tested and run, and its runs are told of',
  serve(async ({call}) => {
    await call('POST', '/v1/rules', {body: RULE})
    is((await call('POST', '/v1/rules/joiner/test', {body: {event: EVENT}})).status, 200)
    is(code(await call('POST', '/v1/rules/joiner/test', {body: {event: 'none'}})), 'EVENT_NOT_FOUND')
    is(code(await call('POST', '/v1/rules/joiner/test', {body: {event: 5}})), 'REQUEST_INVALID')
    const run = (await call('POST', '/v1/rules/joiner/run', {body: {record: '12'}})).json as RuleRun
    equal([run.record, run.by], ['request:12', 'admin'])
    equal(((await call('GET', '/v1/rules/joiner/runs')).json as {items: RuleRun[]}).items, [run])
    equal((await call('GET', `/v1/rule-runs/${run.id}`)).json, run)
    is(code(await call('GET', '/v1/rule-runs/none')), 'RULE_RUN_NOT_FOUND')
  }),
)

test(
  'a schedule is created, changed, run, previewed and removed',
  serve(async ({call}) => {
    const made = await call('POST', '/v1/schedules', {body: SCHEDULE})
    equal([made.status, made.headers.get('location')], [201, '/v1/schedules/pull'])
    is(code(await call('POST', '/v1/schedules', {body: SCHEDULE})), 'SCHEDULE_EXISTS')
    const changed = await call('PATCH', '/v1/schedules/pull', {body: {jitterMs: 5000, input: [1]}})
    equal([(changed.json as Schedule).jitterMs, (changed.json as Schedule).input], [5000, [1]])
    is(((await call('POST', '/v1/schedules/pull/run')).json as Schedule).lastStatus, 'queued')
    const {cron, timeZone} = SCHEDULE
    const preview = await call('POST', '/v1/schedules/preview', {body: {cron, timeZone, from: 0, count: 2}})
    equal(preview.json, {times: [60_000, 120_000]})
    is(((await call('GET', '/v1/schedules')).json as {items: Schedule[]}).items.length, 1)
    is((await call('DELETE', '/v1/schedules/pull')).status, 204)
    is(code(await call('GET', '/v1/schedules/pull')), 'SCHEDULE_NOT_FOUND')
  }),
)

test(
  'each route asks for its scope',
  serve(async ({call}) => {
    await call('POST', '/v1/rules', {body: RULE})
    await call('POST', '/v1/schedules', {body: SCHEDULE})
    const asked: [method: string, path: string, body: object | undefined][] = [
      ['POST', '/v1/rules', {...RULE, id: 'two'}],
      ['PATCH', '/v1/rules/joiner', {enabled: false}],
      ['DELETE', '/v1/rules/joiner', undefined],
      ['POST', '/v1/rules/joiner/run', {record: '12'}],
      ['POST', '/v1/schedules', {...SCHEDULE, id: 'two'}],
      ['POST', '/v1/schedules/pull/run', undefined],
    ]
    for (const [method, path, body] of asked)
      for (const token of ['read-token', 'execute-token', 'echo-token'])
        is(code(await call(method, path, {token, body})), 'TOKEN_SCOPE', `${method} ${path}`)
    is(code(await call('POST', '/v1/events', {token: 'read-token', body: EVENT})), 'TOKEN_SCOPE')
    is(code(await call('POST', '/v1/events', {token: 'echo-token', body: EVENT})), 'TOKEN_SCOPE')
    for (const path of ['/v1/rules', '/v1/schedules', '/v1/events', '/v1/rules/joiner/runs'])
      is((await call('GET', path, {token: 'read-token'})).status, 200)
  }),
)

test(
  'a body that is none of these is refused before the host sees it',
  serve(async ({call}) => {
    const refused: [path: string, body: unknown][] = [
      ['/v1/events', {}],
      ['/v1/events', {...EVENT, record: 'x'}],
      ['/v1/events', {...EVENT, more: 1}],
      ['/v1/rules', {...RULE, actions: []}],
      ['/v1/rules', {...RULE, actions: [{...RULE.actions[0], more: 1}]}],
      ['/v1/rules', {...RULE, trigger: {kind: 'never'}}],
      ['/v1/rules', {...RULE, when: 'x'}],
      ['/v1/schedules', {...SCHEDULE, jitterMs: -1}],
      ['/v1/schedules', {...SCHEDULE, catchUp: 'all'}],
      ['/v1/schedules/preview', {cron: '* * * * *'}],
    ]
    for (const [path, body] of refused) is(code(await call('POST', path, {body})), 'REQUEST_INVALID', path)
  }),
)

test.run()
