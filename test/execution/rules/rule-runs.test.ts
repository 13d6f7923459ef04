import {suite} from 'uvu'
import {equal, is, match, not} from 'uvu/assert'
import {HostError} from '../../../host/errors.ts'
import type {MainEvent, RuleAction, RuleRun} from '../../../host/types.ts'
import {describeAction, describeRule, type WorkflowTest, withWorkflow} from '../../support/workflow.ts'
import {settle} from '../../support/workflow-queue.ts'

const test = suite('rule-runs')
const created: MainEvent = {id: 'ev-1', type: 'request.created', record: {id: '12', subject: 'Printer', status: 'open'}}

async function startRule(tested: WorkflowTest, ...actions: RuleAction[]): Promise<() => RuleRun> {
  tested.store.rules.save(describeRule({id: 'rule', actions}))
  const {runs} = await tested.events.handle(created, 'ann')
  return () => tested.runs.get(runs[0]?.id ?? '')
}

const statuses = ({steps}: RuleRun): string[] => steps.map(({status}) => status)

test('a step is submitted when the one before has ended, and reads its output', () =>
  withWorkflow(async tested => {
    const {queue} = tested
    const run = await startRule(tested, describeAction('one'), describeAction('two'), describeAction('three'))
    equal(statuses(run()), ['queued', 'waiting', 'waiting'])
    is(queue.accepted.length, 1)
    queue.end('e00001', {output: {dn: 'cn=ann'}, message: 'made'})
    await settle()
    equal(queue.accepted[1]?.request.input, {subject: 'Printer', steps: {one: {output: {dn: 'cn=ann'}}}})
    queue.end('e00002', {output: 7})
    await settle()
    equal(queue.accepted[2]?.request.input, {
      subject: 'Printer',
      steps: {one: {output: {dn: 'cn=ann'}}, two: {output: 7}},
    })
    is(run().status, 'running')
    queue.end('e00003')
    await settle()
    is(run().status, 'succeeded')
    is(run().steps[0]?.message, 'made')
    not.equal(run().endedAt, null)
    not('work' in run())
    not('cause' in run())
  }))

test('each step has a key of its own, so that it can be accepted once only', () =>
  withWorkflow(async tested => {
    const run = await startRule(tested, describeAction('one'), describeAction('two'))
    tested.queue.end('e00001')
    await settle()
    equal(
      tested.queue.accepted.map(({request}) => request.idempotencyKey),
      [`${run().id}/one`, `${run().id}/two`],
    )
  }))

test('a condition of a step may look at the step before', () =>
  withWorkflow(async tested => {
    const when = {field: 'steps.one.output.found', is: 'equal' as const, value: true}
    const run = await startRule(tested, describeAction('one'), describeAction('two', {when}), describeAction('three'))
    tested.queue.end('e00001', {output: {found: false}})
    await settle()
    equal(statuses(run()), ['succeeded', 'skipped', 'queued'])
    match(run().steps[1]?.message ?? '', /condition/)
  }))

test('a rule none of whose steps fits has succeeded, and nothing was executed', () =>
  withWorkflow(async tested => {
    const when = {field: 'status', is: 'equal' as const, value: 'closed'}
    const run = await startRule(tested, describeAction('one', {when}), describeAction('two', {when}))
    is(run().status, 'succeeded')
    equal(statuses(run()), ['skipped', 'skipped'])
    is(tested.queue.accepted.length, 0)
  }))

for (const status of ['failed', 'timedOut', 'cancelled', 'unknown'] as const) {
  test(`a step that ends ${status} stops the run`, () =>
    withWorkflow(async tested => {
      const run = await startRule(tested, describeAction('one'), describeAction('two'))
      tested.queue.end('e00001', {status})
      await settle()
      is(run().status, 'failed')
      equal(statuses(run()), [status, 'skipped'])
      is(tested.queue.accepted.length, 1)
    }))
}

test('with onFailure continue the run goes on, and has failed all the same', () =>
  withWorkflow(async tested => {
    const run = await startRule(tested, describeAction('one', {onFailure: 'continue'}), describeAction('two'))
    tested.queue.end('e00001', {status: 'failed'})
    await settle()
    equal(statuses(run()), ['failed', 'queued'])
    tested.queue.end('e00002')
    await settle()
    is(run().status, 'failed')
  }))

test('a mapping that fails refuses the step and says why', () =>
  withWorkflow(async tested => {
    const broken = describeAction('one', {mapping: 'broken'})
    const run = await startRule(tested, broken, describeAction('two'))
    is(run().status, 'failed')
    equal(statuses(run()), ['refused', 'skipped'])
    match(run().steps[0]?.message ?? '', /cn has no value/)
    is(tested.queue.accepted.length, 0)
  }))

test('what the queue refuses is a refused step; the rest goes on where it may', () =>
  withWorkflow(async tested => {
    const {queue} = tested
    queue.judge = ({registration}) => {
      if (registration === 'off') throw new HostError('REGISTRATION_DISABLED', {id: 'off'})
    }
    const off = describeAction('one', {registration: 'off', onFailure: 'continue'})
    const run = await startRule(tested, off, describeAction('two'), describeAction('three', {registration: 'off'}))
    equal(statuses(run()), ['refused', 'queued', 'waiting'])
    match(run().steps[0]?.message ?? '', /disabled/)
    queue.end('e00001')
    await settle()
    is(run().status, 'failed')
    equal(statuses(run()), ['refused', 'succeeded', 'refused'])
  }))

test('a mapping that is for another action by now is refused', () =>
  withWorkflow(async tested => {
    const run = await startRule(tested, describeAction('one', {action: 'shout'}))
    equal(statuses(run()), ['refused'])
    match(run().steps[0]?.message ?? '', /for action "say", not for "shout"/)
  }))

test('a rule that is changed or removed meanwhile goes on as it began', () =>
  withWorkflow(async tested => {
    const run = await startRule(tested, describeAction('one'), describeAction('two'))
    tested.store.rules.remove('rule')
    tested.queue.end('e00001')
    await settle()
    equal(statuses(run()), ['succeeded', 'queued'])
  }))

test('a store that cannot be written leaves the step to a later try', () =>
  withWorkflow(async tested => {
    const {queue} = tested
    const run = await startRule(tested, describeAction('one'), describeAction('two'))
    queue.judge = () => {
      throw new HostError('HOST_STORE_FAILED', {reason: 'the disk is full'})
    }
    queue.end('e00001')
    await settle()
    is(tested.faults.length, 1)
    equal(statuses(run()), ['succeeded', 'waiting'])
    queue.judge = () => {}
    await Promise.all([tested.runs.recover(), tested.runs.recover()])
    equal(statuses(run()), ['succeeded', 'queued'])
    is(queue.accepted.length, 2)
  }))

test('the end of a run can be waited for, and not for ever', () =>
  withWorkflow(async tested => {
    const run = await startRule(tested, describeAction('one'))
    const {id} = run()
    const late = tested.runs.waitForEnd(id, 1000)
    const patient = tested.runs.waitForEnd(id, 5000)
    tested.clock.advance(1000)
    is(await late, false)
    tested.queue.end('e00001')
    is(await patient, true)
    is(await tested.runs.waitForEnd(id, 1000), true)
    // The store's own is over by then.
    tested.clock.advance(100)
    is(tested.clock.timers, 0)
  }))

test.run()
