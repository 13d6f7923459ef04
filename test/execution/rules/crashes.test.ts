import {suite} from 'uvu'
import {equal, is} from 'uvu/assert'
import {HostError} from '../../../host/errors.ts'
import type {MainEvent} from '../../../host/types.ts'
import {describeAction, describeRule, type WorkflowTest, withWorkflow} from '../../support/workflow.ts'
import {settle} from '../../support/workflow-queue.ts'

const test = suite('crashes')
const created: MainEvent = {id: 'ev-1', type: 'request.created', record: {id: '12', subject: 'Printer'}}
const TWO_STEPS = describeRule({id: 'two', actions: [describeAction('one'), describeAction('two')]})

/** The server ends in the middle of submitting: before anything is on the disk, or right after all of it is. */
function crashAtSubmit({queue}: WorkflowTest, when: 'before' | 'after', count = 1): void {
  const {submit} = queue
  let left = count
  queue.submit = async (requests, options) => {
    if (left-- > 1) return submit(requests, options)
    queue.submit = submit
    if (when === 'after') await submit(requests, options)
    return new Promise(() => {})
  }
}

async function restart(test: WorkflowTest): Promise<void> {
  test.crash()
  await test.events.recover()
  await test.runs.recover()
  await settle()
}

/** Which steps of which rules were accepted, in order. */
function listSteps({queue, store}: WorkflowTest): string[] {
  return queue.accepted.map(({request}) => {
    const [run = '', key] = request.idempotencyKey?.split('/') ?? []
    return `${store.ruleRuns.find(run)?.rule} ${key}`
  })
}

test('after the event is written and before it is looked at', () =>
  withWorkflow(async test => {
    test.store.rules.save(TWO_STEPS)
    test.events.insert(created, 'ann')
    await restart(test)
    equal(listSteps(test), ['two one'])
    await restart(test)
    equal(listSteps(test), ['two one'])
  }))

for (const when of ['before', 'after'] as const) {
  test(`${when} the first executions are on the disk`, () =>
    withWorkflow(async test => {
      test.store.rules.save(TWO_STEPS)
      test.store.rules.save(describeRule({id: 'single', position: 2}))
      crashAtSubmit(test, when)
      void test.events.handle(created, 'ann')
      await settle()
      is(test.queue.accepted.length, when === 'after' ? 2 : 0)
      is(test.store.events.listWaiting().length, when === 'after' ? 0 : 1)
      is(test.runs.list().length, when === 'after' ? 2 : 0)
      await restart(test)
      equal(listSteps(test), ['two one', 'single one'])
      const again = await test.events.handle(created, 'ann')
      is(again.duplicate, true)
      is(again.runs.length, 2)
      equal(listSteps(test), ['two one', 'single one'])
    }))

  test(`${when} the second step is on the disk`, () =>
    withWorkflow(async test => {
      test.store.rules.save(TWO_STEPS)
      const {runs} = await test.events.handle(created, 'ann')
      crashAtSubmit(test, when)
      test.queue.end('e00001', {output: {dn: 'cn=ann'}})
      await settle()
      is(test.queue.accepted.length, when === 'after' ? 2 : 1)
      await restart(test)
      equal(listSteps(test), ['two one', 'two two'])
      equal(test.queue.accepted[1]?.request.input, {subject: 'Printer', steps: {one: {output: {dn: 'cn=ann'}}}})
      test.queue.end('e00002')
      await settle()
      const run = test.runs.get(runs[0]?.id ?? '')
      is(run.status, 'succeeded')
      await restart(test)
      is(test.queue.accepted.length, 2)
    }))

  test(`${when} the second of two rules is on the disk, of which the first was refused`, () =>
    withWorkflow(async test => {
      const refused = describeAction('one', {registration: 'off'})
      test.store.rules.save(describeRule({id: 'refused', actions: [refused]}))
      test.store.rules.save(describeRule({id: 'good', position: 2}))
      test.store.rules.save(describeRule({id: 'last', position: 3}))
      test.queue.judge = ({registration}) => {
        if (registration === 'off') throw new HostError('REGISTRATION_DISABLED', {id: 'off'})
      }
      // Together, then the refused one and the good one by themselves.
      crashAtSubmit(test, when, 3)
      void test.events.handle(created, 'ann')
      await settle()
      await settle()
      is(test.queue.accepted.length, when === 'after' ? 1 : 0)
      await restart(test)
      equal(listSteps(test).sort(), ['good one', 'last one'])
      equal(
        test.runs
          .list()
          .map(({rule, status}) => `${rule} ${status}`)
          .sort(),
        ['good running', 'last running', 'refused failed'],
      )
      await restart(test)
      is(test.queue.accepted.length, 2)
      is(test.runs.list().length, 3)
    }))
}

test('an execution that ended while nobody listened is noticed', () =>
  withWorkflow(async test => {
    test.store.rules.save(TWO_STEPS)
    const {runs} = await test.events.handle(created, 'ann')
    test.queue.forget()
    test.queue.end('e00001', {status: 'unknown', message: 'the server ended'})
    await restart(test)
    const run = test.runs.get(runs[0]?.id ?? '')
    is(run.status, 'failed')
    equal(
      run.steps.map(({status, message}) => [status, message]),
      [
        ['unknown', 'the server ended'],
        ['skipped', 'a step before it failed'],
      ],
    )
  }))

test.run()
