import {suite} from 'uvu'
import {equal, is, match} from 'uvu/assert'
import {createScenarios} from '../../../host/execution/rules/scenarios.ts'
import type {RuleRow} from '../../../host/store/rules.ts'
import type {RuleRun} from '../../../host/types.ts'
import {refusal} from '../../support/refusal.ts'
import {describeAction, describeRule, type WorkflowTest, withWorkflow} from '../../support/workflow.ts'
import {settle} from '../../support/workflow-queue.ts'

const test = suite('scenarios')
const SCENARIO = describeRule({
  id: 'unlock',
  trigger: {kind: 'scenario', module: 'request'},
  when: {field: 'status', is: 'equal', value: 'open'},
  actions: [describeAction('one')],
})

function createRunner(tested: WorkflowTest, status = 'open'): (rule: RuleRow, record: string) => Promise<RuleRun> {
  const {parts, runs, store} = tested
  const run = createScenarios({
    ...parts,
    runs,
    findRule: id => store.rules.find(id) ?? SCENARIO,
    getRecord: async (_, id) => (id === '12' ? {id, status} : null),
    waitMs: 1000,
  })
  return (rule, record) => {
    store.rules.save(rule)
    return run(rule.id, record, 'ann')
  }
}

test('a scenario answers with the run when it has ended', () =>
  withWorkflow(async tested => {
    const answer = createRunner(tested)(SCENARIO, 'request:12')
    await settle()
    tested.queue.end('e00001')
    is((await answer).status, 'succeeded')
    equal(tested.queue.accepted[0]?.request.origin, {kind: 'scenario', id: (await answer).id})
  }))

test('one that takes longer answers as it is after a while', () =>
  withWorkflow(async tested => {
    const answer = createRunner(tested)(SCENARIO, '12')
    await settle()
    tested.clock.advance(1000)
    const run = await answer
    is(run.status, 'running')
    is(run.steps[0]?.status, 'queued')
    is(run.record, 'request:12')
  }))

test('a second click joins the first, at once and while it runs; after it has ended it runs again', () =>
  withWorkflow(async tested => {
    const run = createRunner(tested)
    const answers = [run(SCENARIO, '12'), run(SCENARIO, 'request:12')]
    await settle()
    answers.push(run(SCENARIO, '12'))
    await settle()
    is(tested.queue.accepted.length, 1)
    tested.queue.end('e00001')
    const ids = (await Promise.all(answers)).map(({id}) => id)
    is(new Set(ids).size, 1)
    void run(SCENARIO, '12')
    await settle()
    is(tested.queue.accepted.length, 2)
  }))

test('what cannot be run is refused with the reason', () =>
  withWorkflow(async tested => {
    const run = createRunner(tested)
    is((await refusal(run(SCENARIO, '13'))).code, 'RECORD_NOT_FOUND')
    const cases: [RuleRow, string, RegExp][] = [
      [{...SCENARIO, enabled: false}, '12', /disabled/],
      [describeRule({id: 'event'}), '12', /no scenario/],
      [SCENARIO, 'asset:12', /records of kind request/],
      [{...SCENARIO, when: {field: 'status', is: 'equal', value: 'closed'}}, '12', /does not fit/],
    ]
    for (const [rule, record, reason] of cases) {
      const error = await refusal(run(rule, record))
      is(error.code, 'RULE_REFUSED')
      match(error.message, reason)
    }
    is(tested.queue.accepted.length, 0)
  }))

test.run()
