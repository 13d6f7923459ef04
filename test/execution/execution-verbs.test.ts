import {suite} from 'uvu'
import {equal, is, match} from 'uvu/assert'
import {HostError} from '../../host/errors.ts'
import {createExecutionVerbs, type PreparedInput} from '../../host/execution-verbs.ts'
import type {ExecuteRequest, MappingSource} from '../../host/types.ts'
import {describeAction, describeActions, type ExecutorTest, refusal, SECRET, withExecutor} from '../support/executor.ts'
import {describeExecution} from '../support/store.ts'

const test = suite('executions by a mapping, and again')
const manifest = describeActions({
  a: describeAction({input: {type: 'object', properties: {pin: {type: 'string', 'x-fp-secret': true}}}}),
  other: describeAction(),
})
const rows = [{target: 'who', template: '{#Subject}'}]
const output = [{source: 'message', field: 'description'}]

interface VerbsTest extends ExecutorTest {
  verbs: ReturnType<typeof createExecutionVerbs>
  sources: MappingSource[]
  submitted: ExecuteRequest[]
}

/** With a mapping "joiner" of action a: the record's subject is who. */
function withVerbs(run: (test: VerbsTest) => Promise<void>, change: Partial<PreparedInput> = {}): Promise<void> {
  return withExecutor(
    manifest,
    (_, {input}) => ({output: input, message: 'done'}),
    async base => {
      const sources: MappingSource[] = []
      const submitted: ExecuteRequest[] = []
      const verbs = createExecutionVerbs({
        executor: base.executor,
        async submit(requests) {
          submitted.push(...requests)
          return requests.map((_, index) => describeExecution({execution: `new${index}`, status: 'queued'}))
        },
        mainServer: base.desk,
        mappings: {
          async prepare(_, name, source) {
            if (name !== 'joiner') throw new HostError('MAPPING_NOT_FOUND', {name})
            sources.push(source)
            const input = {who: source.record.subject ?? null}
            const mapping = {name, revision: 3}
            return {action: 'a', module: 'request', input, mapping, output, ...change}
          },
          findRevision: (_, name, revision) =>
            name === 'joiner' && revision === 3 ? {rows, output, module: 'request'} : undefined,
        },
      })
      base.desk.createRequest({subject: 'Ann'})
      await run({...base, verbs, sources, submitted})
    },
  )
}

test('the record is read, mapped, executed, and what comes out is written back to it', () =>
  withVerbs(async ({verbs, executor, desk, sources}) => {
    const request = {registration: 'echo', action: 'a', mapping: 'joiner', record: 'request:1', by: 'ann'}
    const outcome = await verbs.executeMapped(request)
    equal([outcome.status, outcome.output], ['succeeded', {who: 'Ann'}])
    const {record, mapping, by} = executor.get(outcome.execution)
    equal([record, mapping, by], ['request:1', {name: 'joiner', revision: 3}, 'ann'])
    is((await desk.get('request', '1'))?.description, 'done')
    equal([sources[0]?.record.subject, sources[0]?.user], ['Ann', {name: 'ann'}])
    equal(verbs.explainInput(outcome.execution), {
      mapping: {name: 'joiner', revision: 3},
      rows: [{target: 'who', configured: '{#Subject}', used: 'Ann'}],
    })
  }))

test('a record given as a whole is taken as it is, with the one before', () =>
  withVerbs(async ({verbs, desk, sources}) => {
    const record = {id: '1', subject: 'Bob'}
    const old = {id: '1', subject: 'Eve'}
    const outcome = await verbs.executeMapped({registration: 'echo', action: 'a', mapping: 'joiner', record, old})
    equal(outcome.output, {who: 'Bob'})
    equal([sources[0]?.record, sources[0]?.old], [record, old])
    is((await desk.get('request', '1'))?.description, 'done')
  }))

test('for later, everything it takes goes along', () =>
  withVerbs(async ({verbs, submitted, calls}) => {
    const request = {registration: 'echo', action: 'a', mapping: 'joiner', record: 'request:1'}
    await verbs.submitMapped({...request, mode: 'test', idempotencyKey: 'k'})
    equal(submitted, [
      {
        registration: 'echo',
        action: 'a',
        mode: 'test',
        idempotencyKey: 'k',
        input: {who: 'Ann'},
        mapping: {name: 'joiner', revision: 3},
        record: 'request:1',
        output: {module: 'request', record: '1', rows: output},
      },
    ])
    equal(calls, [])
  }))

test('what does not fit together is refused before anything runs', () =>
  withVerbs(async ({verbs, desk, calls}) => {
    const asset = await desk.create('asset', {name: 'laptop'}, 'test')
    const request = {registration: 'echo', action: 'a', mapping: 'joiner', record: 'request:1'}
    for (const [change, code, why] of [
      [{action: 'other'}, 'REQUEST_INVALID', /is for action "a", not for "other"/],
      [{record: `asset:${asset.id}`}, 'REQUEST_INVALID', /is for a record of module request, not asset/],
      [{record: {subject: 'no id'}}, 'REQUEST_INVALID', /writes to the record, and the record given has no id/],
      [{record: 'request:99'}, 'RECORD_NOT_FOUND', /"99"/],
      [{record: 'ticket:1'}, 'REQUEST_INVALID', /"ticket:1" is not named as request:<id>/],
      [{record: 'request:'}, 'REQUEST_INVALID', /is not named/],
      [{record: '1'}, 'REQUEST_INVALID', /is not named/],
      [{mapping: 'none'}, 'MAPPING_NOT_FOUND', /none/],
    ] as const) {
      const error = await refusal(verbs.executeMapped({...request, ...change}))
      is(error.code, code)
      match(error.message, why)
    }
    equal(calls, [])
    is((await verbs.executeMapped(request)).status, 'succeeded')
  }))

test('a mapping that writes nothing takes a record without an id', () =>
  withVerbs(
    async ({verbs, executor}) => {
      const record = {subject: 'no id'}
      const {execution} = await verbs.executeMapped({registration: 'echo', action: 'a', mapping: 'joiner', record})
      is(executor.get(execution).record, null)
    },
    {output: []},
  ))

test('a replay submits the same input, record and rows, in the mode that is asked for', () =>
  withVerbs(async ({verbs, submitted}) => {
    const request = {registration: 'echo', action: 'a', mapping: 'joiner', record: 'request:1'}
    const {execution} = await verbs.executeMapped(request)
    await verbs.replayExecution(execution, {mode: 'dryRun', by: 'bob'})
    await verbs.replayExecution(execution)
    const same = {
      registration: 'echo',
      action: 'a',
      input: {who: 'Ann'},
      origin: {kind: 'replay', id: execution},
      record: 'request:1',
      mapping: {name: 'joiner', revision: 3},
      output: {module: 'request', record: '1', rows: output},
    }
    equal(submitted, [
      {...same, mode: 'dryRun', by: 'bob'},
      {...same, mode: 'live'},
    ])
  }))

test('what has not ended, is not known, or had secrets in its input is not replayed', () =>
  withVerbs(async ({verbs, run, store, submitted}) => {
    is((await refusal(verbs.replayExecution('none'))).code, 'EXECUTION_NOT_FOUND')
    await store.executions.commit(describeExecution({execution: 'open', status: 'queued', endedAt: null}))
    for (const id of [
      'open',
      (await run('a', {input: {pin: '1234'}})).execution,
      (await run('a', {input: {note: `the ${SECRET}`}})).execution,
    ]) {
      is((await refusal(verbs.replayExecution(id))).code, 'EXECUTION_NOT_REPLAYABLE')
    }
    equal(submitted, [])
    await verbs.replayExecution((await run('a', {input: {note: 'plain'}})).execution)
    is(submitted.length, 1)
  }))

test.run()
