import {suite} from 'uvu'
import {equal, is} from 'uvu/assert'
import type {MainServer} from '../host/main-server/main-server.ts'
import {createRuleVerbs, type Workflow} from '../host/rule-verbs.ts'
import type {MainEvent} from '../host/types.ts'
import {describeRule, type WorkflowTest, withWorkflow} from './support/workflow.ts'
import {settle} from './support/workflow-queue.ts'

const test = suite('rule-verbs')
const DAY = 86_400_000
const created: MainEvent = {id: 'ev-1', type: 'request.created', record: {id: '12', subject: 'Printer'}}

function open({parts, queue}: WorkflowTest, eventDays = 30): Workflow {
  queue.forget()
  const mainServer = {listFields: parts.listFields} as unknown as MainServer
  return createRuleVerbs({...parts, mainServer, config: {eventDays, scenarioWaitMs: 1000}})
}

test('what a server before this one has left is taken up at the start', () =>
  withWorkflow(async tested => {
    tested.store.rules.save(describeRule({id: 'one'}))
    tested.events.insert(created, 'ann')
    const workflow = open(tested)
    is(tested.queue.accepted.length, 0)
    workflow.start()
    await settle()
    is(tested.queue.accepted.length, 1)
    await workflow.stop()
    is(tested.faults.length, 0)
  }))

test('events and runs that are old enough are deleted, what is not done stays', () =>
  withWorkflow(async tested => {
    const {clock, store, queue} = tested
    store.rules.save(describeRule({id: 'one'}))
    const workflow = open(tested, 1)
    await workflow.verbs.handleEvent(created, 'ann')
    await workflow.verbs.handleEvent({...created, id: 'ev-2'}, 'ann')
    queue.end('e00001')
    workflow.start()
    clock.advance(6 * DAY)
    await settle()
    is(workflow.verbs.listEvents().length, 2, 'a week at least')
    clock.advance(2 * DAY)
    await settle()
    is(workflow.verbs.listEvents().length, 0)
    equal(
      workflow.verbs.listRuleRuns().map(({event, status}) => [event, status]),
      [['ev-2', 'running']],
    )
    await workflow.stop()
  }))

test.run()
