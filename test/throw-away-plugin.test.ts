import {existsSync} from 'node:fs'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {openSource, withThrowAwayPlugin} from '../host/index.ts'
import {orAbort} from '../host/or-abort.ts'
import {AUTHOR_CONFIG, copyAuthorPlugin} from './support/author-plugin.ts'
import {deadline} from './support/deadline.ts'
import {isAlive} from './support/is-alive.ts'
import {withTempFolder} from './support/temp.ts'

const LIMIT_MS = 120_000

const test = suite('throw-away-plugin')

test('the plugin runs in a real host, and host, process and folder are gone afterwards', () =>
  withTempFolder(folder =>
    deadline(LIMIT_MS, async () => {
      const source = await openSource(await copyAuthorPlugin(folder))
      const logs: string[] = []
      const options = {config: AUTHOR_CONFIG, onLog: ({message}: {message: string}) => void logs.push(message)}
      const used = await withThrowAwayPlugin(
        source,
        {...options, signal: new AbortController().signal},
        async ({host, desk, id, registration}) => {
          const call = {registration: registration ?? '', action: 'close', input: {request: '1'}}
          assert.is((await host.execute(call)).status, 'succeeded')
          assert.equal(
            desk.readNotes('1').map(({author}) => author),
            [id],
          )
          const input = {name: 'Ann'}
          const greeted = await host.execute({registration: id, action: 'greet', input})
          const artifact = await host.execute({registration: id, action: 'count', input: {}})
          assert.equal([greeted.status, artifact.output], ['succeeded', {count: 1}])
          return host.getPlugin(id)
        },
      )
      assert.ok(used.process && !isAlive(used.process.pid))
      assert.ok(logs.includes('greeting') && logs.some(line => line.includes('it was stopped')), 'the last lines too')
    }),
  ))

test('given up at any moment it leaves nothing behind, and its reason is told', () =>
  withTempFolder(folder =>
    deadline(LIMIT_MS, async () => {
      const source = await openSource(await copyAuthorPlugin(folder))
      for (let round = 0; round < 10; round++) {
        const controller = new AbortController()
        const timer = setTimeout(() => controller.abort(new Error('enough')), round * 40)
        const options = {config: AUTHOR_CONFIG, signal: controller.signal}
        const work = withThrowAwayPlugin(source, options, ({host}) => {
          controller.abort(new Error('enough'))
          return Promise.resolve(host)
        })
        await work.catch(() => assert.ok(controller.signal.aborted))
        clearTimeout(timer)
      }
    }),
  ))

test('a failed run is not hidden by its cleaning up', () =>
  withTempFolder(folder =>
    deadline(LIMIT_MS, async () => {
      const source = await openSource(await copyAuthorPlugin(folder))
      let dataFolder = ''
      const options = {config: AUTHOR_CONFIG, signal: new AbortController().signal}
      const work = withThrowAwayPlugin(source, options, async ({host, id}) => {
        const {process} = host.getPlugin(id)
        dataFolder = `/proc/${process?.pid}/cwd`
        assert.ok(existsSync(dataFolder))
        throw new Error('no luck')
      })
      assert.is(await work.catch((error: Error) => error.message), 'no luck')
      assert.not.ok(existsSync(dataFolder))
    }),
  ))

test('work that fails after it was given up does not end this process', async () => {
  const late = Promise.withResolvers<never>()
  const aborted = orAbort(late.promise, AbortSignal.abort(new Error('given up')))
  assert.is(await aborted.catch((error: Error) => error.message), 'given up')
  late.reject(new Error('late'))
  await new Promise(resolve => setImmediate(resolve))
})

test.run()
