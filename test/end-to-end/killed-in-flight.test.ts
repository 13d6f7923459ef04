import {readFileSync} from 'node:fs'
import {mkdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import type {Execution} from '../../host/types.ts'
import {checkDatabase, type Product, startProduct, waitUntilGone} from '../soak/product.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('killed in flight')
/** Longer than the server lives after it. */
const LONG_MS = 60_000
const LIMIT_MS = 30_000
/** What of each action is under way when the server is killed: done already, or about to be. */
const ASKED = ['put', 'send', 'book'].flatMap(action => [
  {action, name: `${action}-done`, input: {afterMs: LONG_MS}},
  {action, name: `${action}-begun`, input: {beforeMs: LONG_MS}},
])

interface Served {
  ask<T>(path: string, request?: RequestInit): Promise<T>
}

interface Killed {
  /** Execution by name. */
  executions: Map<string, Execution>
  dataFolder: string
}

async function serve<T>(dataFolder: string, run: (served: Served) => Promise<T>): Promise<T> {
  const product: Product = await startProduct(dataFolder, 'bin/main.ts')
  try {
    const address = await deadline(LIMIT_MS, product.ready, 'starting the server')
    if (!address) throw new Error('Cannot ask: the server is gone')
    const {url, token} = address
    return await run({
      async ask<T>(path: string, {headers, ...request}: RequestInit = {}) {
        const response = await fetch(url + path, {...request, headers: {authorization: `Bearer ${token}`, ...headers}})
        if (!response.ok) throw new Error(`Cannot ask ${path}: ${response.status} ${await response.text()}`)
        return (await response.json()) as T
      },
    })
  } finally {
    await waitUntilGone(await product.kill(), dataFolder, 5000)
  }
}

/** A server that is killed when its plugin has all of them under way, and has done half of them. */
function withKilled(run: (killed: Killed) => Promise<void>): Promise<void> {
  return deadline(120_000, () =>
    withTempFolder(async folder => {
      const dataFolder = join(folder, 'data')
      await mkdir(dataFolder)
      const bundle = await buildFixture(folder, 'books', {
        actions: {put: {effect: 'update', idempotency: 'natural'}, send: {effect: 'send'}, book: {effect: 'create'}},
      })
      const executions = await serve(dataFolder, async served => {
        const type = {'content-type': 'application/octet-stream'}
        await served.ask('/v1/bundles', {method: 'POST', headers: type, body: await readFile(bundle)})
        const accepted = await Promise.all(ASKED.map(asked => submit(served, asked)))
        await eventually(LIMIT_MS, () => readDone(dataFolder).length === ASKED.length / 2, 'half of them done')
        await eventually(LIMIT_MS, () => areUnderWay(served, accepted), 'all of them under way')
        return new Map(accepted.map((execution, index) => [ASKED[index]?.name ?? '', execution]))
      })
      assert.equal(checkDatabase(dataFolder), [])
      await run({executions, dataFolder})
    }),
  )
}

function submit(served: Served, {action, name, input}: (typeof ASKED)[number]): Promise<Execution> {
  return served.ask(`/v1/registrations/books/actions/${action}/execute`, {
    method: 'POST',
    headers: {'content-type': 'application/json', prefer: 'respond-async'},
    body: JSON.stringify({input: {name, ...input}, deadlineMs: LONG_MS * 2}),
  })
}

async function areUnderWay(served: Served, accepted: readonly Execution[]): Promise<boolean> {
  const found = await Promise.all(accepted.map(({execution}) => served.ask<Execution>(`/v1/executions/${execution}`)))
  return found.every(({status, attempts}) => status === 'running' && attempts === 1)
}

function readDone(dataFolder: string): string[] {
  try {
    return readFileSync(join(dataFolder, 'plugin-data/books/done.txt'), 'utf8').split('\n').filter(Boolean).sort()
  } catch {
    return []
  }
}

/** Those that are done again would take as long as before: the plugin is to hurry now. */
function hurry(dataFolder: string): void {
  change(dataFolder, `UPDATE executions SET data = json_set(data, '$.input.afterMs', 0, '$.input.beforeMs', 0)`)
}

function change(dataFolder: string, sql: string): void {
  const db = new DatabaseSync(join(dataFolder, 'plugin-host.db'))
  db.exec(sql)
  db.close()
}

/** A server after it, until all have ended: what they came to, by name. */
function finish({executions, dataFolder}: Killed): Promise<{[name: string]: Execution['status']}> {
  return serve(dataFolder, async served => {
    const ends = [...executions].map(async ([name, {execution}]) => {
      const ended = await eventually(
        LIMIT_MS,
        async () => {
          const found = await served.ask<Execution>(`/v1/executions/${execution}`)
          return found.endedAt === null ? undefined : found
        },
        `the end of ${name}`,
      )
      return [name, ended.status] as const
    })
    return Object.fromEntries(await Promise.all(ends))
  })
}

test('what may be repeated is done, what the plugin can tell of is done once, of the rest nobody knows', () =>
  withKilled(async killed => {
    hurry(killed.dataFolder)
    assert.equal(await finish(killed), {
      'put-done': 'succeeded',
      'put-begun': 'succeeded',
      'send-done': 'unknown',
      'send-begun': 'unknown',
      'book-done': 'succeeded',
      'book-begun': 'succeeded',
    })
    assert.equal(readDone(killed.dataFolder), [
      'book-begun',
      'book-done',
      'put-begun',
      'put-done',
      'put-done',
      'send-done',
    ])
  }))

test('it is the mark before the call that keeps the rest from being done twice', () =>
  withKilled(async killed => {
    hurry(killed.dataFolder)
    change(killed.dataFolder, 'UPDATE queue SET started = 0')
    await finish(killed)
    const twice = readDone(killed.dataFolder).filter((name, index, all) => all[index + 1] === name)
    assert.equal(twice, ['book-done', 'put-done', 'send-done'])
  }))

test.run()
