import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import {equal, is, match} from 'uvu/assert'
import {type Execution, loadConfig, type Note, type Outcome, startServer} from '../../host/index.ts'
import type {JsonObject} from '../../runtime/protocol.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {type Answer, type CallOptions, callHttp} from '../support/http.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('a mapped execution from end to end')

const ACTION = {
  effect: 'update' as const,
  idempotency: 'natural' as const,
  label: 'Create user',
  samples: [{title: 'one', input: {name: 'Ann'}}],
  input: {
    type: 'object',
    required: ['name'],
    properties: {name: {type: 'string', minLength: 3}, unit: {type: 'string', default: 'Berlin'}},
  },
  output: {type: 'object', properties: {name: {type: 'string'}, unit: {type: 'string'}}},
}
const MAPPING = {
  action: 'echo',
  rows: [{target: 'name', template: '{#Subject|upper}'}],
  output: [{source: 'output.name', field: 'Account'}],
}
const EXECUTE = '/v1/registrations/echo/actions/echo/execute'

interface Served {
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  /** The answer's JSON; any other status than `status` fails. */
  ask<T>(status: number, method: string, path: string, options?: CallOptions): Promise<T>
  restart(): Promise<void>
}

/** A server with a desk, a plugin, its mapping and one request. */
function withMapped(run: (served: Served) => Promise<void>): () => Promise<void> {
  return () =>
    deadline(
      90_000,
      withTempFolder(async folder => {
        const config = loadConfig({dataFolder: join(folder, 'data'), logLevel: 'silent', http: {port: 0}})
        let server = await startServer(config)
        const token = (await readFile(server.tokenFile, 'utf8')).trim()
        const call: Served['call'] = (method, path, options) => callHttp(server.url, method, path, {token, ...options})
        const ask = async <T>(status: number, method: string, path: string, options?: CallOptions): Promise<T> => {
          const answer = await call(method, path, options)
          is(answer.status, status, `${method} ${path}: ${answer.text}`)
          return answer.json as T
        }
        try {
          const body = await readFile(await buildFixture(folder, 'echo', {actions: {echo: ACTION}}))
          await ask(201, 'POST', '/v1/bundles', {body, headers: {'content-type': 'application/zip'}})
          await ask(201, 'POST', '/v1/fields/request', {body: {label: 'Account', type: 'text', systemManaged: true}})
          await ask(201, 'POST', '/v1/requests', {body: {subject: 'ann'}})
          const saved = await call('PUT', '/v1/registrations/echo/mappings/joiner', {body: MAPPING})
          match(String(saved.status), /^20[01]$/, saved.text)
          await run({
            call,
            ask,
            async restart() {
              await server.stop()
              server = await startServer(config)
            },
          })
        } finally {
          await server.stop()
        }
      }),
    )
}

/** What the request knows of it. */
async function readBack({ask}: Served): Promise<{account: unknown; notes: string[]}> {
  const record = await ask<{fields: JsonObject}>(200, 'GET', '/v1/requests/1')
  const {items} = await ask<{items: Note[]}>(200, 'GET', '/v1/requests/1/notes')
  return {account: record.fields.Account ?? null, notes: items.map(({text}) => text)}
}

test(
  'a dry run shows what would be written, a live one writes it, and the history explains both',
  withMapped(async served => {
    const {ask} = served
    const body = {record: 'request:1', mapping: 'joiner'}
    const dry = await ask<Outcome>(200, 'POST', EXECUTE, {body: {...body, mode: 'dryRun'}})
    equal(
      [dry.status, dry.fence, dry.output, dry.effects.map(({status, from}) => [status, from])],
      ['succeeded', 'sealed', {name: 'ANN', unit: 'Berlin'}, [['shown', 'mapping']]],
    )
    equal(await readBack(served), {account: null, notes: []})
    const live = await ask<Outcome>(200, 'POST', EXECUTE, {body})
    equal(
      live.effects.map(({status, from}) => [status, from]),
      [
        ['applied', 'mapping'],
        ['applied', 'note'],
      ],
    )
    equal(await readBack(served), {account: 'ANN', notes: ['echo: Create user succeeded']})
    const {items} = await ask<{items: Execution[]}>(200, 'GET', '/v1/executions?record=request:1&mode=live')
    equal(
      items.map(({execution, mapping, by}) => [execution, mapping, by]),
      [[live.execution, {name: 'joiner', revision: 1}, 'admin']],
    )
    equal(await ask(200, 'GET', `/v1/executions/${live.execution}/input`), {
      mapping: {name: 'joiner', revision: 1},
      rows: [
        {target: 'name', configured: '{#Subject|upper}', used: 'ANN'},
        {target: 'unit', configured: null, used: 'Berlin'},
      ],
    })
  }),
)

test(
  'one that is accepted for later is run, written back once, and still known after a restart',
  withMapped(async served => {
    const {call, ask, restart} = served
    const options = {
      body: {record: 'request:1', mapping: 'joiner'},
      headers: {prefer: 'respond-async', 'idempotency-key': 'k1'},
    }
    const accepted = await call('POST', EXECUTE, options)
    equal([accepted.status, accepted.headers.get('preference-applied')], [202, 'respond-async'])
    const location = accepted.headers.get('location') ?? ''
    const look = () => ask<Execution>(200, 'GET', location)
    const ended = await eventually(20_000, async () => {
      const now = await look()
      return now.endedAt === null ? null : now
    })
    equal([ended.status, ended.durable, ended.record], ['succeeded', true, 'request:1'])
    const again = await ask<Execution>(202, 'POST', EXECUTE, options)
    is(again.execution, ended.execution, 'the key gives back the first')
    await restart()
    equal(await look(), ended)
    equal(await readBack(served), {account: 'ANN', notes: ['echo: Create user succeeded']})
  }),
)

test(
  'a replay runs the same input again and writes it back, or shows it',
  withMapped(async served => {
    const {ask} = served
    const first = await ask<Outcome>(200, 'POST', EXECUTE, {body: {record: 'request:1', mapping: 'joiner'}})
    await ask(200, 'PATCH', '/v1/requests/1', {body: {subject: 'bob', Account: ''}})
    const replay = async (mode: string): Promise<Execution> => {
      const {execution} = await ask<Execution>(202, 'POST', `/v1/executions/${first.execution}/replay`, {body: {mode}})
      return eventually(20_000, async () => {
        const now = await ask<Execution>(200, 'GET', `/v1/executions/${execution}`)
        return now.endedAt === null ? null : now
      })
    }
    const dry = await replay('dryRun')
    equal([dry.output, dry.origin, dry.fence], [first.output, {kind: 'replay', id: first.execution}, 'sealed'])
    is((await readBack(served)).notes.length, 1)
    const live = await replay('live')
    equal(live.input, {name: 'ANN', unit: 'Berlin'}, 'of the first, though the subject is another now')
    const {account, notes} = await readBack(served)
    equal([account, notes.length], ['ANN', 2])
  }),
)

test(
  'what the mapping cannot make is refused before anything runs, and leaves nothing',
  withMapped(async served => {
    const {ask} = served
    await ask(200, 'PATCH', '/v1/requests/1', {body: {subject: 'x'}})
    for (const headers of [{}, {prefer: 'respond-async'}]) {
      const body = {record: 'request:1', mapping: 'joiner'}
      const refused = await served.call('POST', EXECUTE, {body, headers})
      is(refused.status, 422, refused.text)
      const code = (refused.json as {code: string}).code
      match(code, /^(INPUT_INVALID|MAPPING_FAILED)$/)
    }
    await ask(404, 'POST', EXECUTE, {body: {record: 'request:9', mapping: 'joiner'}})
    await ask(404, 'POST', EXECUTE, {body: {record: 'request:1', mapping: 'none'}})
    equal(await ask(200, 'GET', '/v1/executions'), {items: [], next: null})
    equal(await readBack(served), {account: null, notes: []})
  }),
)

test.run()
