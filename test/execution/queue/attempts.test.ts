import {existsSync} from 'node:fs'
import {mkdir, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import type {ActionSettings} from '../../../host/manifest.ts'
import {deadline, eventually} from '../../support/deadline.ts'
import {
  describeAction,
  describeActions,
  type ExecutorTest,
  type FakePlugin,
  withExecutor,
} from '../../support/executor.ts'

const test = suite('attempts of the queue')

function withQueue(
  action: Partial<ActionSettings>,
  plugin: FakePlugin,
  run: (test: ExecutorTest) => Promise<void>,
): Promise<void> {
  return deadline(20_000, withExecutor(describeActions({act: describeAction(action)}), plugin, run))
}

async function submit({executor}: ExecutorTest): Promise<{execution: string}> {
  const [execution] = await executor.queue.submit([{registration: 'echo', action: 'act', input: {}}])
  if (!execution) throw new Error('Cannot submit: nothing came back')
  return execution
}

test('what the attempt of a server before has left is cleared before the next one', () => {
  let staged: Promise<unknown> = Promise.resolve()
  let next: ExecutorTest['executor'] | undefined
  const plugin: FakePlugin = async (_, {execution}) => {
    staged = next?.stageRecords('echo', {execution, records: [{name: 'new'}]}) ?? staged
    await staged
    const data = Buffer.from('new').toString('base64')
    await next?.appendArtifact('echo', {execution, name: 'new.txt', type: 'text/plain', data, last: true})
    return {output: null, effects: [], message: ''}
  }
  return withQueue({idempotency: 'natural'}, plugin, async base => {
    const {execution} = await submit(base)
    await base.store.records.commit(execution, 0, [{name: 'old'}, {name: 'older'}])
    const path = join(base.folder, 'artifacts', execution, 'old.txt')
    await mkdir(dirname(path), {recursive: true})
    await writeFile(path, 'old')
    await base.store.artifacts.commit({execution, name: 'old.txt', type: 'text/plain', bytes: 3, path})
    next = base.reopen()
    next.queue.start()
    const ended = await eventually(5000, () => {
      const found = next?.get(execution)
      return found?.status === 'succeeded' ? found : undefined
    })
    assert.equal(base.store.records.list(execution), [{name: 'new'}])
    assert.equal([ended.records, ended.artifacts.map(({name}) => name)], [1, ['new.txt']])
    assert.throws(() => next?.getArtifact(execution, 'old.txt'))
    assert.is(existsSync(path), false)
  })
})

test('one that was sent is not sent again when its end goes wrong', () => {
  return withQueue(
    {idempotency: 'none'},
    () => ({output: 'done', effects: [], message: 'ok'}),
    async base => {
      const {execution} = await submit(base)
      base.executor.queue.onEnded(() => {
        throw new Error('no')
      })
      Object.assign(base.store.executions, {
        record() {
          throw new Error('no')
        },
      })
      base.executor.queue.start()
      await eventually(5000, () => base.calls.length > 0 && base.faults.length > 0, 'the fault')
      for (let turn = 0; turn < 5; turn++) {
        base.clock.advance(10_000)
        await new Promise(resolve => setImmediate(resolve))
      }
      assert.equal(
        base.calls.filter(({method, params}) => method === 'execute' && params.execution === execution).length,
        1,
      )
    },
  )
})

test.run()
