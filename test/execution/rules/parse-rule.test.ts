import fc from 'fast-check'
import {suite} from 'uvu'
import {equal, is, match, ok, throws} from 'uvu/assert'
import {type HostError, isHostError} from '../../../host/errors.ts'
import {modulesOf, parseRule} from '../../../host/execution/rules/parse-rule.ts'
import type {Condition, RuleDefinition} from '../../../host/types.ts'
import {describeAction} from '../../support/workflow.ts'

const test = suite('parse-rule')
const NOW = Date.UTC(2026, 0, 1)
const RULE: RuleDefinition = {
  name: ' Joiner ',
  trigger: {kind: 'event', events: ['request.created', 'asset.created', 'request.updated']},
  actions: [describeAction('one')],
}

function refusalOf(change: object): HostError {
  let refused: unknown
  try {
    parseRule({...RULE, ...change}, NOW)
  } catch (error) {
    refused = error
  }
  ok(isHostError(refused, 'RULE_INVALID'), `${JSON.stringify(change).slice(0, 200)}: ${String(refused)}`)
  return refused
}

test('defaults are filled in', () => {
  equal(parseRule(RULE, NOW), {...RULE, name: 'Joiner', enabled: true, when: null})
  equal(modulesOf(RULE.trigger), ['request', 'asset'])
})

test('what is wrong is told with its place', () => {
  const [action] = RULE.actions
  const period = {kind: 'period', cron: '0 * * * *', timeZone: 'UTC', module: 'request'}
  const cases: [change: object, reason: RegExp][] = [
    [{name: ' '}, /name/],
    [{enabled: 1}, /\/enabled/],
    [{trigger: {}}, /\/trigger\/kind/],
    [{trigger: undefined}, /\/trigger\/kind/],
    [{trigger: {kind: 'event', events: []}}, /\/trigger\/events/],
    [{trigger: {kind: 'event', events: ['a b']}}, /\/trigger\/events/],
    [{trigger: {kind: 'event', events: 'request.created'}}, /\/trigger\/events/],
    [{trigger: {kind: 'scenario', module: 'ticket'}}, /\/trigger\/module/],
    [{trigger: {...period, cron: 'x'}}, /\/trigger\/cron/],
    [{trigger: {...period, timeZone: undefined}}, /\/trigger\/cron.*time zone/],
    [{trigger: {...period, limit: 0}}, /\/trigger\/limit/],
    [{trigger: {...period, where: []}}, /\/trigger\/where/],
    [{when: 'x'}, /\/when/],
    [{when: {field: 'a', is: 'like'}}, /\/when/],
    [{actions: []}, /\/actions/],
    [{actions: [null]}, /\/actions/],
    [{actions: [action, action]}, /\/actions\/1\/key/],
    [{actions: [{...action, key: 'a b'}]}, /\/actions\/0\/key/],
    [{actions: [{...action, mapping: undefined}]}, /either mapping or rows/],
    [{actions: [{...action, rows: []}]}, /either mapping or rows/],
    [{actions: [{...action, mapping: undefined, rows: [{target: 'a'}]}]}, /\/actions\/0\/rows/],
    [{actions: [{...action, mode: 'dry'}]}, /\/actions\/0\/mode/],
    [{actions: [{...action, onFailure: 'retry'}]}, /\/actions\/0\/onFailure/],
    [{actions: [{...action, when: {all: ['x']}}]}, /\/actions\/0\/when/],
  ]
  for (const [change, reason] of cases) match(refusalOf(change).message, reason)
})

test('groups are as deep as people write them, and no deeper', () => {
  const nest = (depth: number): Condition => (depth === 0 ? {field: 'status', is: 'empty'} : {any: [nest(depth - 1)]})
  is(parseRule({...RULE, when: nest(19)}, NOW).enabled, true)
  throws(() => parseRule({...RULE, when: nest(20)}, NOW))
  match(refusalOf({when: nest(2000)}).message, /\/when/)
})

test('whatever it is given, it is taken or refused as a rule', () => {
  const action = fc.record(
    {
      key: fc.anything(),
      registration: fc.anything(),
      action: fc.anything(),
      mapping: fc.anything(),
      rows: fc.anything(),
      when: fc.anything(),
    },
    {requiredKeys: []},
  )
  const trigger = fc.record(
    {
      kind: fc.constantFrom('event', 'period', 'scenario', 5),
      events: fc.anything(),
      cron: fc.anything(),
      timeZone: fc.anything(),
      module: fc.anything(),
      where: fc.anything(),
      limit: fc.anything(),
    },
    {requiredKeys: []},
  )
  const rule = fc.record(
    {name: fc.anything(), enabled: fc.anything(), trigger, when: fc.anything(), actions: fc.array(action)},
    {requiredKeys: []},
  )
  fc.assert(
    fc.property(rule, given => {
      try {
        parseRule(given as RuleDefinition, NOW)
      } catch (error) {
        ok(isHostError(error, 'RULE_INVALID'), String(error))
      }
    }),
    {numRuns: 500},
  )
})

test.run()
