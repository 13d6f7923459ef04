import {suite} from 'uvu'
import {equal, is, match, ok} from 'uvu/assert'
import type {Host, RuleAction, RuleDefinition, RuleRun} from '../../host/index.ts'
import {createHost, createLog, loadConfig} from '../../host/index.ts'
import type {JsonObject} from '../../runtime/protocol.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {withHost} from '../support/plugin-harness.ts'
import {refusal} from '../support/refusal.ts'

const test = suite('rules and schedules, with a plugin')

const schema = (...names: string[]): JsonObject => ({
  type: 'object',
  properties: Object.fromEntries(names.map(name => [name, {type: 'string'}])),
  required: names,
  additionalProperties: false,
})
const sample = (input: JsonObject) => [{title: 'any', input}]
const FIXTURE = {
  permissions: {effects: ['request.update' as const, 'request.note' as const]},
  actions: {
    create: {
      effect: 'create' as const,
      input: schema('name', 'request'),
      samples: sample({name: 'Ann', request: '1'}),
    },
    greet: {effect: 'send' as const, input: schema('login', 'request'), samples: sample({login: 'ann', request: '1'})},
    count: {},
  },
}
const ACCOUNT: RuleAction = {key: 'account', registration: 'makes-accounts', action: 'create', mapping: 'joiner'}
const WELCOME: RuleAction = {
  key: 'welcome',
  registration: 'makes-accounts',
  action: 'greet',
  rows: [
    {target: 'login', template: '{#steps.account.output.login}'},
    {target: 'request', template: '{#Ticket Id#}'},
  ],
  when: {field: 'steps.account.output.login', is: 'notEmpty'},
}
const RULE: RuleDefinition & {id: string} = {
  id: 'joiner',
  name: 'Joiner',
  trigger: {kind: 'event', events: ['request.created']},
  when: {field: 'Priority', is: 'equal', value: 'urgent'},
  actions: [ACCOUNT, WELCOME],
}

function withAccounts(run: (host: Host, folder: string) => Promise<void>): () => Promise<void> {
  return () =>
    deadline(
      60_000,
      withHost({}, async ({host, folder}) => {
        await host.installBundle(await buildFixture(folder, 'makes-accounts', FIXTURE))
        const rows = [
          {target: 'name', template: '{#Subject}'},
          {target: 'request', template: '{#Ticket Id#}'},
        ]
        await host.saveMapping('makes-accounts', 'joiner', {action: 'create', rows}, 'test')
        await run(host, folder)
      }),
    )
}

async function waitForRun(host: Host, id: string): Promise<RuleRun> {
  return eventually(20_000, () => {
    const run = host.getRuleRun(id)
    return run.endedAt === null ? undefined : run
  })
}

test(
  'a request that comes in is worked on by two steps: the ticket changes, and its history tells',
  withAccounts(async host => {
    await host.createRule(RULE)
    const {id} = await host.createRecord('request', {subject: 'Ann', priority: 'urgent'}, 'ann')
    const [begun] = host.listRuleRuns({rule: 'joiner'})
    ok(begun)
    const run = await waitForRun(host, begun.id)
    equal([run.status, run.record, run.by], ['succeeded', `request:${id}`, 'ann'])
    equal(
      run.steps.map(({key, status}) => [key, status]),
      [
        ['account', 'succeeded'],
        ['welcome', 'succeeded'],
      ],
    )
    is((await host.getRecord('request', id)).status, 'in progress')
    const notes = (await host.listNotes(id)).map(({text}) => text).join('\n')
    match(notes, /Your login is ann/)
    const [welcome, account] = host.listExecutions({record: `request:${id}`})
    equal(welcome?.input, {login: 'ann', request: id})
    equal(account?.origin, {kind: 'rule', id: run.id})
    equal(account?.mapping, {name: 'joiner', revision: 1})
    is(host.listEvents({type: 'request.updated'}).length, 0, 'effects are no events')
  }),
)

test(
  'a request that does not fit starts nothing, and the test tells why',
  withAccounts(async host => {
    await host.createRule(RULE)
    await host.createRecord('request', {subject: 'Bob', priority: 'low'}, 'ann')
    is(host.listRuleRuns().length, 0)
    const [event] = host.listEvents()
    const tested = await host.testRule('joiner', event?.id ?? '')
    is(tested.fits, false)
    match(tested.explained.map(({text, fits}) => `${fits} ${text}`).join('\n'), /false .*Priority/i)
    equal(tested.steps[0]?.input, {name: 'Bob', request: event?.record.id})
    const given = {type: 'request.created', record: {id: '7', subject: 'Eve', priority: 'urgent'}}
    is((await host.testRule('joiner', given)).fits, true)
    is(host.listExecutions().length, 0)
  }),
)

test(
  'twenty deliveries of one event at once execute once',
  withAccounts(async host => {
    const {id} = await host.createRecord('request', {subject: 'Ann', priority: 'urgent'}, 'ann')
    await host.createRule(RULE)
    const record = await host.getRecord('request', id)
    const event = {id: 'ev-1', type: 'request.created', record}
    const results = await Promise.all(Array.from({length: 20}, () => host.handleEvent(event, 'itsm')))
    is(new Set(results.flatMap(({runs}) => runs.map(run => run.id))).size, 1)
    is(results.filter(({duplicate}) => !duplicate).length, 1)
    await waitForRun(host, results[0]?.runs[0]?.id ?? '')
    const counted = await host.execute({registration: 'makes-accounts', action: 'count', input: {}})
    equal(counted.output, {made: 1})
  }),
)

test(
  'a rule that is on must work; one that is off may be unfinished, and tells what is missing',
  withAccounts(async host => {
    const cases: [change: Partial<RuleDefinition>, reason: RegExp][] = [
      [{when: {field: 'Colour', is: 'equal', value: 'red'}}, /\/when.*Colour/],
      [{actions: [{...ACCOUNT, registration: 'none'}]}, /\/actions\/0\/registration.*none/],
      [{actions: [{...ACCOUNT, action: 'none'}]}, /\/actions\/0\/action.*none/],
      [{actions: [{...ACCOUNT, mapping: 'none'}]}, /\/actions\/0\/mapping.*none/],
      [{actions: [{...ACCOUNT, action: 'greet'}]}, /is for action "create"/],
      [{actions: [WELCOME, ACCOUNT]}, /account/],
      [{trigger: {kind: 'scenario', module: 'asset'}, when: null, actions: [ACCOUNT]}, /kind request/],
    ]
    for (const [change, reason] of cases) {
      const error = await refusal(host.createRule({...RULE, ...change}))
      is(error.code, 'RULE_INVALID')
      match(error.message, reason)
    }
    const made = await host.createRule({...RULE, enabled: false, actions: [{...ACCOUNT, mapping: 'none'}]})
    match(made.problems[0]?.message ?? '', /none/)
    is((await refusal(host.updateRule('joiner', {enabled: true}))).code, 'RULE_INVALID')
    is((await host.updateRule('joiner', {enabled: true, actions: [ACCOUNT]})).problems.length, 0)
    await host.removeMapping('makes-accounts', 'joiner', 'test')
    match((await host.getRule('joiner')).problems[0]?.message ?? '', /joiner/)
  }),
)

test(
  'rules keep their order; a copy is off and comes right behind',
  withAccounts(async host => {
    for (const id of ['a', 'b', 'c']) await host.createRule({...RULE, id})
    await host.updateRule('c', {position: 1})
    const copy = await host.duplicateRule('c')
    equal([copy.enabled, copy.name, copy.position], [false, 'Copy of Joiner', 2])
    equal(
      (await host.listRules()).map(({id, position}) => [id, position]),
      [
        ['c', 1],
        [copy.id, 2],
        ['a', 3],
        ['b', 4],
      ],
    )
    await host.removeRule('a')
    await host.updateRule('b', {position: 99})
    equal(
      (await host.listRules()).map(({position}) => position),
      [1, 2, 3],
    )
  }),
)

test(
  'a scenario answers with what it came to',
  withAccounts(async host => {
    await host.createRule({...RULE, trigger: {kind: 'scenario', module: 'request'}})
    const {id} = await host.createRecord('request', {subject: 'Ann', priority: 'urgent'}, 'ann')
    const run = await host.runScenario('joiner', id, 'bob')
    equal([run.status, run.by], ['succeeded', 'bob'])
    const {id: low} = await host.createRecord('request', {subject: 'Bob', priority: 'low'}, 'ann')
    const error = await refusal(host.runScenario('joiner', low, 'bob'))
    is(error.code, 'RULE_REFUSED')
    match(error.message, /does not fit/)
  }),
)

test(
  'a schedule is run by hand and tells what that came to',
  withAccounts(async host => {
    const timing = {cron: '30 2 * * *', timeZone: 'Europe/Berlin'}
    const call = {registration: 'makes-accounts', action: 'count', ...timing}
    const made = await host.createSchedule({id: 'count', name: 'Count', ...call})
    ok(made.nextAt !== null && made.nextAt > made.createdAt)
    await host.runSchedule('count', 'ann')
    const {lastStatus, lastExecution} = await eventually(20_000, () => {
      const schedule = host.getSchedule('count')
      return schedule.lastStatus === 'succeeded' ? schedule : undefined
    })
    is(lastStatus, 'succeeded')
    equal(host.getExecution(lastExecution ?? '').origin, {kind: 'schedule', id: 'count'})
    is((await refusal(host.createSchedule({name: 'No', ...call, action: 'none'}))).code, 'ACTION_NOT_FOUND')
    const wrong = {name: 'No', ...call, action: 'create', input: {name: 1}}
    is((await refusal(host.createSchedule(wrong))).code, 'INPUT_INVALID')
  }),
)

test(
  'what was accepted before the server ended runs after it is back, once',
  withAccounts(async (host, folder) => {
    await host.createRule(RULE)
    await host.disablePlugin('makes-accounts')
    await host.createRecord('request', {subject: 'Ann', priority: 'urgent'}, 'ann')
    const [begun] = host.listRuleRuns()
    await host.stop()
    const config = loadConfig({dataFolder: `${folder}/data`})
    const {host: next} = await createHost({config, log: createLog('silent')})
    try {
      await next.enablePlugin('makes-accounts')
      const run = await waitForRun(next, begun?.id ?? '')
      is(run.status, 'succeeded')
      is(next.listRuleRuns().length, 1)
      const counted = await next.execute({registration: 'makes-accounts', action: 'count', input: {}})
      equal(counted.output, {made: 1})
    } finally {
      await next.stop()
    }
  }),
)

test.run()
