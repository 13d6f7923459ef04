import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {loadConfig, startServer} from '../../host/index.ts'
import {type Description, listOperations} from '../support/api-description.ts'
import {deadline} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {EXAMPLES} from '../support/fuzz/examples.ts'
import {listInvalid, listWrongMethods, type Route} from '../support/fuzz/invalid.ts'
import {type FuzzTarget, findFaults, judge, send} from '../support/fuzz/send.ts'
import {listValid} from '../support/fuzz/valid.ts'
import {callHttp, sendRaw, withHttp} from '../support/http.ts'
import {SchemaValues} from '../support/schema-values.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('fuzzed routes')

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))
const RUNS = Number(process.env.FUZZ_RUNS ?? 15)
/** Each of these works on the whole data folder. */
const HEAVY = new Set(['createBackup', 'rotateKey'])

const SWITCHES = new Set(['disablePlugin', 'updateRegistration'])

interface Fuzzed {
  target: FuzzTarget
  routes: Route[]
  values: SchemaValues
  call(method: string, path: string, body?: unknown): Promise<unknown>
}

/** A real server with a plugin, a registration, an execution, a record and a token to break. */
function withFuzzed(run: (fuzzed: Fuzzed) => Promise<void>): () => Promise<void> {
  return () =>
    deadline(
      300_000,
      withTempFolder(async folder => {
        const config = loadConfig({
          dataFolder: join(folder, 'data'),
          logLevel: process.env.FUZZ_LOG ?? 'silent',
          http: {port: 0},
        })
        const server = await startServer(config)
        try {
          const token = (await readFile(server.tokenFile, 'utf8')).trim()
          const call: Fuzzed['call'] = async (method, path, body) =>
            (await callHttp(server.url, method, path, {token, ...(body !== undefined && {body})})).json
          await server.host.installBundle(await buildFixture(folder, 'echo', {actions: {echo: ECHO}}))
          const {execution} = await server.host.execute({registration: 'echo', action: 'echo', input: {}, by: 'test'})
          await fill(call)
          const {id} = (await call('POST', '/v1/tokens', {name: 'spare', scopes: ['read']})) as {id: string}
          const description = (await call('GET', '/openapi.json')) as Description
          const names: {[parent: string]: string} = {...PARTS, executions: execution, tokens: id}
          const routes = listOperations(description).map(({path: template, method, operation}) => ({
            ...{method: method.toUpperCase(), template, operation},
            path: template
              .split('/')
              .map((part, index, parts) => fillPart(part, names[parts[index - 1] ?? '']))
              .join('/'),
          }))
          const values = new SchemaValues(description.components.schemas)
          await run({target: {port: Number(new URL(server.url).port), token}, routes, values, call})
        } finally {
          await server.stop()
        }
      }),
    )
}

const ECHO = {
  input: {type: 'object', properties: {name: {type: 'string'}, count: {type: 'integer', minimum: 1}}},
  samples: [{title: 'any', input: {}}],
}

/** What stands in a path after these. */
const PARTS = {
  ...{
    plugins: 'echo',
    registrations: 'echo',
    actions: 'echo',
    requests: '1',
    assets: '1',
    users: '1',
    fields: 'request',
  },
  ...{options: 'host', files: 'ca', mappings: 'main', rules: 'main', schedules: 'main', events: 'e1', runs: 'r1'},
}

/** So that the paths lead to something. */
async function fill(call: Fuzzed['call']): Promise<void> {
  const {createRequest, createAsset, createUser, sendEvent, saveMapping, createRule, createSchedule} = EXAMPLES
  await call('POST', '/v1/requests', createRequest?.[0])
  await call('POST', '/v1/assets', createAsset?.[0])
  await call('POST', '/v1/users', createUser?.[0])
  await call('PUT', '/v1/registrations/echo/mappings/main', saveMapping?.[0])
  await call('POST', '/v1/rules', {...createRule?.[0], id: 'main'})
  await call('POST', '/v1/schedules', {...createSchedule?.[0], id: 'main'})
  await call('POST', '/v1/events', {...sendEvent?.[0], id: 'e1'})
}

function fillPart(part: string, known = 'none'): string {
  return part.startsWith('{') ? known : part
}

function report(faults: readonly string[]): void {
  if (faults.length === 0) return
  const each = Map.groupBy(faults, fault => /^\w+ \/v1\/[\w-]+/.exec(fault)?.[0])
  const some = [...each.values()].flatMap(same => same.slice(0, 3))
  throw new Error(`seed ${SEED}: ${faults.length} faults, such as\n${some.slice(0, 30).join('\n')}`)
}

test(
  'an invalid request of any route gets a problem document with a 4xx status',
  withFuzzed(async ({target, routes, values}) => {
    const requests = [...routes.flatMap(route => listInvalid(route, values)), ...listWrongMethods(routes)]
    assert.ok(requests.length > routes.length * 20, `${requests.length} requests for ${routes.length} routes`)
    report(await findFaults(target, requests))
  }),
)

test(
  'any request that fits the description is never answered with a fault of the server',
  withFuzzed(async ({target, routes, values, call}) => {
    // What switches off comes late, what takes away last, and what works on everything is asked seldom.
    const rankOf = ({method, operation}: Route): number =>
      method === 'DELETE' ? 2 : SWITCHES.has(operation.operationId ?? '') ? 1 : 0
    const done = new Set<string>()
    for (const rank of [0, 1, 2]) {
      const some = routes.filter(route => rankOf(route) === rank)
      const requests = some.flatMap(route =>
        listValid(route, values, {seed: SEED, runs: HEAVY.has(route.operation.operationId ?? '') ? 2 : RUNS}),
      )
      const faults = await findFaults(target, requests, ({operation = ''}, {status}) => {
        if (status < 300) done.add(operation)
      })
      report(faults)
    }
    // Else they would all be turned away at the door.
    assert.ok(done.size > routes.length / 2, `only these were ever done: ${[...done].join(', ')}`)
    const {ok, entries} = (await call('GET', '/v1/audit/verify')) as {ok: boolean; entries: number}
    assert.ok(ok && entries > 20, `${entries} entries`)
  }),
)

test('requests that are hardly HTTP are refused in the same way', () =>
  deadline(
    20_000,
    withHttp(async ({port}) => {
      const head = `Host: localhost:${port}\r\nAuthorization: Bearer admin-token\r\n`
      const odd = [
        `POST /v1/registrations HTTP/1.1\r\n${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x`,
        `POST /v1/registrations HTTP/1.1\r\n${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`,
        `POST /v1/registrations HTTP/1.1\r\n${head}Content-Length: -1\r\n\r\n{}`,
        `GET /v1/plugins HTTP/1.1\r\n${head}X: a\u0000b\r\n\r\n`,
        `GET /v1/plugins\r\n\r\n`,
        `GET  HTTP/1.1\r\n${head}\r\n`,
        'nonsense\r\n\r\n',
        `GET /v1/${'x'.repeat(20_000)} HTTP/1.1\r\n${head}\r\n`,
      ]
      for (const bytes of odd) {
        const answer = await sendRaw(port, bytes)
        assert.match(answer, /^HTTP\/1\.1 4\d\d .*application\/problem\+json/s, bytes.slice(0, 60))
      }
    }),
  ))

test('the check finds a route that throws, one that answers nothing and one that answers in another way', () =>
  deadline(
    60_000,
    withHttp(async ({port, host}) => {
      const target = {port, token: 'admin-token'}
      const ask = (path: string): Promise<string[]> =>
        findFaults(target, [{why: 'control', method: 'GET', path, refused: true}])
      host.getPlugin = () => {
        throw new Error('not one of ours')
      }
      const [thrown = ''] = await ask('/v1/plugins/echo')
      assert.match(thrown, /500: .*HOST_INTERNAL/)
      assert.not.match(thrown, /not one of ours/)
      assert.match((await ask('/v1/plugins'))[0] ?? '', /should have been refused/)
      host.listBackups = () => new Promise(() => {})
      assert.match((await ask('/v1/backups'))[0] ?? '', /no answer/)
      assert.equal(await ask('/v1/registrations/absent'), [])
      const answer = await send(target, {why: '', method: 'GET', path: '/v1/registrations/absent', refused: true})
      assert.is(judge({refused: true}, answer), undefined)
      for (const change of [
        {type: 'application/json'},
        {status: 400},
        {text: 'x'},
        {text: '{"code":"ODD","status":404}'},
      ]) {
        assert.ok(judge({refused: true}, {...answer, ...change}), JSON.stringify(change))
      }
    }),
  ))

test.run()
