import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import {equal, is, match, not} from 'uvu/assert'
import {HostError} from '../../host/errors.ts'
import type {Executor} from '../../host/execution/executor.ts'
import type {ExecuteParams} from '../../runtime/protocol.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {describeAction, describeActions, refusal, SECRET, withExecutor} from '../support/executor.ts'

const test = suite('records-artifacts')
const manifest = describeActions({a: describeAction({effect: 'read', retry: {max: 1, baseMs: 1}, dryRun: 'native'})})
const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Runs one action whose plugin does this with the executor. */
function withCall<T>(
  act: (executor: Executor, params: ExecuteParams) => Promise<unknown>,
  check: (test: Parameters<Parameters<typeof withExecutor>[2]>[0]) => Promise<T>,
  settings = {},
): Promise<T> {
  let executor: Executor | undefined
  return deadline(10_000, () =>
    withExecutor(
      manifest,
      async (_, params) => {
        if (!executor) throw new Error('Cannot act: there is no executor yet')
        return {output: (await act(executor, params)) ?? null}
      },
      test => {
        executor = test.executor
        return check(test)
      },
      settings,
    ),
  )
}

const part = (execution: string, name: string, data: string, last = true) => ({
  execution,
  name,
  type: 'text/plain',
  data,
  last,
})

test('records are staged in order, redacted, and on the disk when answered', () =>
  withCall(
    async (executor, {execution}) => {
      const batches = [[{n: 0}, {n: 1}], [{n: 2, password: SECRET}]]
      return Promise.all(batches.map(records => executor.stageRecords('echo', {execution, records})))
    },
    async ({run, store, executor, reopen}) => {
      const {output, execution} = await run('a')
      equal(output, [{accepted: 2}, {accepted: 1}])
      equal(store.records.list(execution), [{n: 0}, {n: 1}, {n: 2, password: '[secret]'}])
      is(executor.get(execution).records, 3)
      is(reopen().get(execution).status, 'succeeded')
    },
  ))

test('records and files are only taken for a running execution of that very plugin', () =>
  withCall(
    async (executor, {execution}) => {
      const records = [{n: 1}]
      is((await refusal(executor.stageRecords('intruder', {execution, records}))).code, 'EXECUTION_NOT_FOUND')
      is((await refusal(executor.appendArtifact('intruder', part(execution, 'f', '')))).code, 'EXECUTION_NOT_FOUND')
      is((await refusal(executor.stageRecords('echo', {execution: 'none', records}))).code, 'EXECUTION_NOT_FOUND')
      is((await refusal(executor.stageRecords('echo', {execution, records: 'x'}))).code, 'INPUT_INVALID')
    },
    async ({run, executor, store}) => {
      const {execution, status} = await run('a')
      is(status, 'succeeded')
      is((await refusal(executor.stageRecords('echo', {execution, records: [{}]}))).code, 'EXECUTION_NOT_FOUND')
      is((await refusal(executor.appendArtifact('echo', part(execution, 'f', '')))).code, 'EXECUTION_NOT_FOUND')
      is(store.records.count(execution), 0)
    },
  ))

test('a dry run stages nothing', () =>
  withCall(
    (executor, {execution}) => executor.stageRecords('echo', {execution, records: [{n: 1}]}),
    async ({run, store}) => {
      const {execution, output} = await run('a', {mode: 'dryRun'})
      equal(output, {accepted: 0})
      is(store.records.count(execution), 0)
    },
  ))

test('a file is put together from its parts in the order they were sent', () =>
  withCall(
    async (executor, {execution}) => {
      const parts = ['one ', 'two ', 'three'].map((text, index) =>
        part(execution, 'report.txt', base64(text), index === 2),
      )
      return Promise.all(parts.map(each => executor.appendArtifact('echo', each)))
    },
    async ({run, executor}) => {
      const {output, execution} = await run('a')
      equal(output, [{bytes: 4}, {bytes: 8}, {bytes: 13}])
      const {path, type} = executor.getArtifact(execution, 'report.txt')
      equal([readFileSync(path, 'utf8'), type], ['one two three', 'text/plain'])
      equal(executor.get(execution).artifacts, [{name: 'report.txt', type: 'text/plain', bytes: 13}])
      not.ok(existsSync(join(path, '..', 'other')))
      is((await refusal(Promise.resolve().then(() => executor.getArtifact(execution, 'x')))).code, 'ARTIFACT_NOT_FOUND')
    },
  ))

test('names that lead elsewhere or mean something to a file system are refused, and so is what is not base64', () =>
  withCall(
    async (executor, {execution}) => {
      const names = [
        '',
        '.',
        '..',
        '../x',
        'a/b',
        'a\\b',
        '.hidden',
        'end.',
        'end ',
        'CON',
        'nul.txt',
        'a:b',
        'a\0b',
        'ä',
      ]
      for (const name of [...names, 'x'.repeat(129)]) {
        is((await refusal(executor.appendArtifact('echo', part(execution, name, '')))).code, 'INPUT_INVALID', name)
      }
      for (const data of ['a', 'ab=c', 'a b=', '-_-_', 'abc\n']) {
        is((await refusal(executor.appendArtifact('echo', part(execution, 'f', data)))).code, 'INPUT_INVALID', data)
      }
      await executor.appendArtifact('echo', part(execution, 'Console 1_a-b.txt', base64('fine')))
    },
    async ({run, folder}) => {
      const {execution, status, error} = await run('a')
      is(status, 'succeeded', error?.message)
      equal(await readdir(join(folder, 'artifacts', execution)), ['Console 1_a-b.txt'])
    },
  ))

test('a finished file is not appended to, in no spelling', () =>
  withCall(
    async (executor, {execution}) => {
      await executor.appendArtifact('echo', part(execution, 'f.txt', base64('done')))
      for (const name of ['f.txt', 'F.txt']) {
        match((await refusal(executor.appendArtifact('echo', part(execution, name, base64('x'))))).message, /is taken/)
      }
    },
    async ({run, executor}) => {
      const {execution, status} = await run('a')
      is(status, 'succeeded')
      is(readFileSync(executor.getArtifact(execution, 'f.txt').path, 'utf8'), 'done')
    },
  ))

test('the files of one execution together have a size they may not pass', () =>
  withCall(
    async (executor, {execution}) => {
      await executor.appendArtifact('echo', part(execution, 'a', base64('12345')))
      match(
        (await refusal(executor.appendArtifact('echo', part(execution, 'b', base64('123456'))))).message,
        /than 10 bytes/,
      )
      await executor.appendArtifact('echo', part(execution, 'b', base64('12345')))
    },
    async ({run}) => is((await run('a')).status, 'succeeded'),
    {artifactBytes: 10},
  ))

test('a file without its last part is gone when the execution ends', () =>
  withCall(
    async (executor, {execution}) => {
      await executor.appendArtifact('echo', part(execution, 'open', base64('half'), false))
      await executor.appendArtifact('echo', part(execution, 'kept', base64('whole')))
    },
    async ({run, folder, executor}) => {
      const {execution} = await run('a')
      equal(await readdir(join(folder, 'artifacts', execution)), ['kept'])
      equal(
        executor.get(execution).artifacts.map(({name}) => name),
        ['kept'],
      )
    },
  ))

test('what a crashed attempt left does not stand beside the next one’s', () =>
  withCall(
    async (executor, {execution, attempt}) => {
      await executor.stageRecords('echo', {execution, records: [{attempt}]})
      await executor.appendArtifact('echo', part(execution, 'whole', base64(`attempt ${attempt}`)))
      await executor.appendArtifact('echo', part(execution, 'half', base64(`attempt ${attempt}`), attempt === 2))
      if (attempt === 1) throw new HostError('PLUGIN_CRASHED', {id: 'echo', reason: 'x'})
    },
    async ({run, store, executor, clock}) => {
      const running = run('a')
      await eventually(5000, () => clock.timers > 0 && executor.list()[0]?.attempts === 1)
      const waiting = setInterval(() => clock.advance(10), 5)
      const {execution, status, attempts} = await running.finally(() => clearInterval(waiting))
      equal([status, attempts], ['succeeded', 2])
      equal(store.records.list(execution), [{attempt: 2}])
      for (const name of ['whole', 'half']) {
        is(readFileSync(executor.getArtifact(execution, name).path, 'utf8'), 'attempt 2')
      }
      is(executor.get(execution).artifacts.length, 2)
    },
  ))

test('folders a crash left are swept, those with a stored file stay', () =>
  withCall(
    (executor, {execution}) => executor.appendArtifact('echo', part(execution, 'f', base64('x'))),
    async ({run, folder, reopen}) => {
      const {execution} = await run('a')
      mkdirSync(join(folder, 'artifacts', 'left-over'))
      writeFileSync(join(folder, 'artifacts', 'left-over', 'f'), 'x')
      await reopen().sweep()
      equal(await readdir(join(folder, 'artifacts')), [execution])
    },
  ))

test('a folder that cannot be written is told to the plugin and ends nothing', () =>
  withCall(
    async (executor, {execution}) => {
      const error = await refusal(executor.appendArtifact('echo', part(execution, 'f', base64('x'))))
      is(error.code, 'HOST_STORE_FAILED')
    },
    async ({run, folder, faults}) => {
      writeFileSync(join(folder, 'artifacts'), 'a file where the folder should be')
      is((await run('a')).status, 'succeeded')
      equal(faults, [])
    },
  ))

test.run()
