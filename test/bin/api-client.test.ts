import {spawn} from 'node:child_process'
import {mkdir, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {type ApiClient, ApiError, createApiClient, type Operations} from '../../bin/api-client.ts'
import {deadline} from '../support/deadline.ts'
import {type Served, withHttp} from '../support/http.ts'
import {readBlock, readPage} from '../support/markdown.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('api-client')
const ROOT = join(import.meta.dirname, '../..')
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc')

function withClient(run: (client: ApiClient, served: Served) => Promise<void>): () => Promise<void> {
  return () =>
    deadline(
      30_000,
      withHttp(served => run(createApiClient({url: served.url, token: 'admin-token'}), served)),
    )
}

async function failOf(asked: Promise<unknown>): Promise<ApiError> {
  const error = await asked.then(
    () => undefined,
    error => error,
  )
  assert.instance(error, ApiError)
  return error as ApiError
}

test(
  'paths, queries, bodies and answers are those of the operation',
  withClient(async (client, {host}) => {
    const made = await client.call('createRegistration', {body: {plugin: 'echo', name: 'a b', id: 'a/b?c'}})
    assert.is(made.name, 'a b')
    const params = {rid: made.id}
    assert.is((await client.call('getRegistration', {params})).id, 'a/b?c')
    assert.is((await client.call('listRegistrations', {query: {plugin: undefined}})).items.length, 2)
    assert.is((await client.call('listRegistrations', {query: {plugin: 'absent'}})).items.length, 0)
    assert.is(await client.call('removeRegistration', {params}), undefined)
    assert.not.ok(host.registrations.has('a/b?c'))
  }),
)

test(
  'bytes go up and come down as they are',
  withClient(async (client, {host}) => {
    async function* send() {
      yield Buffer.from('one ')
      yield Buffer.from('two')
    }
    const type = 'application/zip'
    await client.call('installBundle', {body: {data: Buffer.from('whole'), type}})
    await client.call('installBundle', {body: {data: send(), type}, query: {activate: false}})
    await client.call('installBundle', {body: {data: send(), type, bytes: 7}})
    assert.equal(host.uploads.map(String), ['whole', 'one two', 'one two'])
    const params = {rid: 'echo', field: 'ca'}
    const {config} = await client.call('putRegistrationFile', {params, body: {data: 'PEM', type: 'text/plain'}})
    assert.is(config.ca, 'PEM')
    assert.is(await text(await client.open('getMetrics', {})), 'up 1\n')
  }),
)

test(
  'a refusal has code, status, message, remedy and places',
  withClient(async (client, {url}) => {
    const absent = await failOf(client.call('getPlugin', {params: {id: 'absent'}}))
    assert.equal([absent.code, absent.status, absent.problems], ['PLUGIN_NOT_FOUND', 404, []])
    assert.match(absent.message, 'absent')
    const invalid = await failOf(client.call('readLogs', {params: {id: 'echo'}, query: {lines: -1}}))
    assert.is(invalid.code, 'REQUEST_INVALID')
    assert.is(invalid.problems[0]?.pointer, '/query/lines')
    const stranger = await failOf(createApiClient({url}).open('getMetrics', {}))
    assert.equal([stranger.code, stranger.status], ['TOKEN_REFUSED', 401])
  }),
)

test('an id that a path cannot hold is not sent, as it would ask for something else', async () => {
  let sent = 0
  const fetch = async (): Promise<Response> => {
    sent += 1
    return new Response('{}')
  }
  const client = createApiClient({url: 'http://127.0.0.1:1/base/', fetch})
  for (const id of ['', '.', '..']) {
    assert.is((await failOf(client.call('removePlugin', {params: {id}}))).code, 'REQUEST_INVALID')
  }
  assert.is(sent, 0)
  await client.call('removePlugin', {params: {id: '...'}})
  assert.is(sent, 1)
})

test('what is no server of ours is told; what the network says goes through', async () => {
  const answering = (text: string, status: number): ApiClient =>
    createApiClient({url: 'http://127.0.0.1:1', fetch: async () => new Response(text, {status})})
  for (const [text, status] of [
    ['<html>', 200],
    ['<html>', 502],
    ['null', 500],
    ['{"code": 7}', 404],
  ] as const) {
    const error = await failOf(answering(text, status).call('listPlugins', {}))
    assert.equal([error.code, error.status], ['SERVER_REFUSED', status])
  }
  const cut = createApiClient({url: 'http://127.0.0.1:1', fetch: () => Promise.reject(new TypeError('cut'))})
  const error = await cut.call('listPlugins', {}).catch(error => error)
  assert.instance(error, TypeError)
})

test('an operation that the document has dropped, or another shape of one, does not compile', () => {
  // The compiler itself is the judge here: `npm run types` fails when one of these lines is no error.
  const ask = (client: ApiClient<Omit<Operations, 'listPlugins'>>): unknown[] => [
    client.call('listRules', {}),
    // @ts-expect-error: it has no such operation
    client.call('listPlugins', {}),
    // @ts-expect-error: its id is missing
    client.call('getPlugin', {}),
    // @ts-expect-error: it takes no such field
    client.call('executeAction', {params: {rid: 'a', action: 'b'}, body: {inputs: {}}}),
    // @ts-expect-error: it answers no JSON
    client.call('getBackup', {params: {bid: 'a'}}),
    client.open('getBackup', {params: {bid: 'a'}}),
  ]
  assert.type(ask, 'function')
})

/** Compiles and runs a program that depends on this package, as it is in `dist/`. */
async function runDependent(
  source: string,
  env: NodeJS.ProcessEnv,
): Promise<{compiled: string; code: number | null; output: string}> {
  return withTempFolder(async folder => {
    await mkdir(join(folder, 'node_modules/@types'), {recursive: true})
    await symlink(ROOT, join(folder, 'node_modules/plugin-host'), 'junction')
    await symlink(join(ROOT, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'), 'junction')
    await writeFile(join(folder, 'package.json'), '{"type": "module"}')
    await writeFile(join(folder, 'client.ts'), source)
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--skipLibCheck']
    const target = ['--noEmit', '--module', 'nodenext', '--target', 'es2024', '--types', 'node', 'client.ts']
    const compiled = await run([TSC, ...strict, ...target], folder)
    return {compiled: compiled.output, ...(await run(['client.ts'], folder, env))}
  })
}

async function run(args: string[], cwd: string, env?: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, args, {cwd, env: {...process.env, ...env}, stdio: ['ignore', 'pipe', 'pipe']})
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  const [code, out, problems] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return {code, output: out + problems}
}

const example = readBlock(readPage('docs/http.md'), 'ts client.ts') ?? ''

test('the example of http.md compiles in another package, and runs', () =>
  deadline(
    120_000,
    withHttp(async ({url, host}) => {
      host.registrations.set('hello', {...(await host.getRegistration('echo')), id: 'hello'})
      host.actions.hello = ({input}) => ({output: input})
      const env = {PLUGIN_HOST_URL: url, PLUGIN_HOST_TOKEN: 'admin-token'}
      assert.equal(await runDependent(example, env), {
        compiled: '',
        code: 0,
        output: "[ 'echo running' ]\nsucceeded\n",
      })
      const {input, idempotencyKey} = host.requests[0] ?? {}
      assert.equal([input, idempotencyKey], [{name: 'Ann'}, 'INC-7'])

      const refused = await runDependent(example.replace("rid: 'hello'", "ridd: 'hello'"), {
        ...env,
        PLUGIN_HOST_TOKEN: 'a-wrong-token',
      })
      assert.match(refused.compiled, /client\.ts\(\d+,\d+\): error TS.*ridd/)
      assert.match(refused.output, /^401 TOKEN_REFUSED /)
    }),
  ))

test.run()
