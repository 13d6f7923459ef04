import {spawn} from 'node:child_process'
import {randomBytes} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {gunzipSync} from 'node:zlib'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline, eventually} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {ROOT} from '../support/fixture-process.ts'
import {findSecrets, readProcesses, readTree} from '../support/search-secrets.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('canary secrets')
const REGISTRATIONS = 5
const EACH = 10
const text = {type: 'string'}
const SCHEMA = {
  type: 'object',
  properties: {
    secrets: {type: 'object', additionalProperties: {...text, 'x-fp-secret': true}},
    plain: {...text, 'x-fp-secret': false},
  },
}

/** Nothing else holds these, and each of the encodings makes something else of them. */
function createCanary(): string {
  return `${randomBytes(9).toString('base64url')} "ä&${randomBytes(9).toString('hex')}`
}

interface Serving {
  data: string
  pid: number
  /** Everything it printed. */
  printed(): string
  /** One request; its answer is kept among `answers`. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: {[name: string]: string},
  ): Promise<{status: number; json: {[key: string]: unknown}}>
  answers: {path: string; bytes: Buffer}[]
  stop(): Promise<void>
}

async function withServer(folder: string, run: (serving: Serving) => Promise<void>): Promise<void> {
  const data = join(folder, 'data')
  const args = [join(ROOT, 'bin/main.ts'), 'serve', '--port', '0', '--data', data, '--json']
  const child = spawn(process.execPath, args, {cwd: folder, stdio: ['ignore', 'pipe', 'pipe']})
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()))
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', chunk => (stdout += chunk))
  child.stderr.on('data', chunk => (stderr += chunk))
  const stop = (): Promise<void> => {
    child.kill('SIGTERM')
    return ended
  }
  try {
    const line = await eventually(20_000, () => (stdout.includes('\n') ? stdout : undefined), 'the address')
    const {url, token, pid} = JSON.parse(line) as {url: string; token: string; pid: number}
    const authorization = `Bearer ${readFileSync(token, 'utf8').trim()}`
    const answers: Serving['answers'] = []
    async function call(method: string, path: string, body?: unknown, headers: {[name: string]: string} = {}) {
      const raw = body instanceof Uint8Array
      const type = {'content-type': raw ? 'application/zip' : 'application/json'}
      const answer = await fetch(new URL(path, url), {
        method,
        headers: {authorization, ...(body !== undefined && type), ...headers},
        ...(body !== undefined && {body: raw ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body)}),
      })
      const bytes = Buffer.from(await answer.arrayBuffer())
      answers.push({path: `${method} ${path}`, bytes})
      const isJson = answer.headers.get('content-type')?.includes('json')
      return {status: answer.status, json: isJson ? (JSON.parse(bytes.toString()) as {[key: string]: unknown}) : {}}
    }
    await run({data, pid, printed: () => stdout + stderr, call, answers, stop})
  } finally {
    await stop()
  }
}

/** Every GET of the API, its parameters filled with what there is. */
async function getEverything({call}: Serving, ids: {[name: string]: string[]}): Promise<string[]> {
  const {json} = await call('GET', '/openapi.json')
  const paths = Object.entries(json.paths as {[path: string]: object}).flatMap(([path, operations]) =>
    'get' in operations ? [path] : [],
  )
  for (const path of paths) {
    const [, collection = ''] = /^\/v1\/(\w+)/.exec(path) ?? []
    let filled = [path]
    for (const [whole, name = ''] of path.matchAll(/\{(\w+)\}/g)) {
      const choices = ids[`${collection}.${name}`] ?? ids[name] ?? ['1']
      filled = filled.flatMap(each => choices.map(choice => each.replace(whole, encodeURIComponent(choice))))
    }
    for (const each of filled) await call('GET', each)
  }
  return paths
}

test('50 secrets are nowhere, whatever their plugin does with them; what is no secret is found everywhere', () =>
  deadline(180_000, () =>
    withTempFolder(folder =>
      withServer(folder, async serving => {
        const {call, data, answers} = serving
        const secrets = Array.from({length: REGISTRATIONS * EACH}, createCanary)
        const control = createCanary()
        const permissions = {
          hostApi: ['kv.set' as const],
          effects: ['request.note' as const, 'request.update' as const, 'asset.upsert' as const],
        }
        const actions = {leak: {}, fail: {}, crash: {}}
        const bundle = readFileSync(
          await buildFixture(folder, 'leaks', {config: {schema: SCHEMA}, permissions, actions}),
        )
        const installed = await call('POST', '/v1/bundles', bundle)
        assert.is(installed.status, 201)
        const registrations = [String(installed.json.registration)]
        await call('PATCH', `/v1/registrations/${registrations[0]}`, {
          config: {secrets: pick(secrets, 0), plain: control},
        })
        for (let index = 1; index < REGISTRATIONS; index++) {
          const config = {secrets: pick(secrets, index), plain: control}
          const made = await call('POST', '/v1/registrations', {plugin: 'leaks', name: `Leak ${index}`, config})
          assert.is(made.status, 201)
          registrations.push(String(made.json.id))
        }
        const request = await call('POST', '/v1/requests', {subject: 'Leak', fields: {}})
        assert.is(request.status, 201, JSON.stringify(request.json))

        const [rid = ''] = registrations
        const input = {request: String(request.json.id)}
        const execute = async (action: string, headers = {}) => {
          const path = `/v1/registrations/${rid}/actions/${action}/execute`
          const {json} = await call('POST', path, {input}, headers)
          return String(json.execution)
        }
        const executions = [
          await execute('leak'),
          await execute('fail'),
          await execute('leak', {prefer: 'respond-async'}),
        ]
        const settled = (): Promise<unknown> =>
          eventually(20_000, async () => {
            const {json} = await call('GET', '/v1/executions')
            return (json.items as {status: string}[]).every(({status}) => !/queued|running|retrying/.test(status))
          })
        await settled()
        await call('POST', `/v1/registrations/${rid}/test`)
        const tried = createCanary()
        await call('POST', `/v1/registrations/${rid}/test`, {config: {secrets: {tried}, plain: control}})
        for (const field of ['site', 'broken']) await call('POST', `/v1/registrations/${rid}/options/${field}`, {})
        const replaced = Object.values(pick(secrets, 0))
        await call('PATCH', `/v1/registrations/${rid}`, {config: {secrets: {now: createCanary()}, plain: control}})
        executions.push(await execute('crash'), await execute('crash', {'idempotency-key': 'k'}))
        await settled()
        await call('POST', '/v1/backups', {})
        assert.is(replaced.length, EACH)

        const ids = {
          rid: registrations,
          eid: executions,
          'plugins.id': ['leaks'],
          'requests.id': [String(request.json.id)],
          module: ['request', 'asset', 'user'],
        }
        const routes = await getEverything(serving, ids)
        const ended = await Promise.all(executions.map(id => call('GET', `/v1/executions/${id}`)))
        assert.equal(
          ended.map(({json}) => json.status),
          ['succeeded', 'failed', 'succeeded', 'failed', 'failed'],
        )
        // Which of its last lines is told depends on what was read before its end.
        assert.match(JSON.stringify(ended[3]?.json.error), /PLUGIN_CRASHED.*it crashed; exit code 1/)
        const hidden = [...secrets, tried]
        const search = (places: {path: string; bytes: Buffer}[]) => ({
          hits: places.flatMap(({path, bytes}) => findSecrets(hidden, bytes).map(() => path)),
          controls: places.filter(({bytes}) => findSecrets([control], bytes).length > 0).map(({path}) => path),
        })
        const inApi = search(answers)
        const processes = readProcesses()
        const inProcesses = search(processes)
        await eventually(10_000, () => search(readTree(join(data, 'logs'))).controls.length > 0, 'the log file')
        const files = readTree(data)
        const inFiles = search(files)
        const inPrinted = search([{path: 'stdout and stderr', bytes: Buffer.from(serving.printed())}])
        const backups = files
          .filter(({path}) => path.endsWith('.tgz'))
          .map(({path, bytes}) => ({path, bytes: gunzipSync(bytes)}))
        const inBackups = search(backups)
        await serving.stop()
        const left = readTree(folder)
        const inLeft = search(left)

        console.log(
          `searched ${hidden.length} secrets: ${answers.length} answers of ${routes.length} GET routes and others, ` +
            `${files.length} and ${left.length} files, ${backups.length} backups, ${processes.length} of /proc`,
        )
        for (const {hits} of [inApi, inProcesses, inFiles, inPrinted, inBackups, inLeft]) assert.equal(hits, [])

        // The same search does find what lies there: the field beside them that is no secret.
        assert.ok(inApi.controls.length >= 8, inApi.controls.join(', '))
        for (const wanted of [
          /GET \/v1\/executions\/\w+$/,
          /GET \/v1\/plugins\/leaks\/logs/,
          /GET \/v1\/registrations\/\w+/,
        ]) {
          assert.ok(
            inApi.controls.some(path => wanted.test(path)),
            String(wanted),
          )
        }
        assert.ok(
          inFiles.controls.some(path => /plugin-host\.db/.test(path)),
          inFiles.controls.join(', '),
        )
        assert.ok(
          inFiles.controls.some(path => /logs/.test(path)),
          inFiles.controls.join(', '),
        )
        assert.ok(
          inLeft.controls.some(path => /plugin-host\.db$/.test(path)),
          inLeft.controls.join(', '),
        )
        assert.ok(routes.length >= 20)
        if (process.platform !== 'linux') return
        assert.ok(processes.length >= 6)
        const own = processes.filter(({path}) => path.includes(`/${serving.pid}/`))
        assert.is(own.length, 2, 'the server itself is among them')
        assert.ok(processes.some(({bytes}) => bytes.includes(data)))
      }),
    ),
  ))

function pick(secrets: readonly string[], index: number): {[name: string]: string} {
  return Object.fromEntries(
    secrets.slice(index * EACH, (index + 1) * EACH).map((secret, number) => [`s${number}`, secret]),
  )
}

test.run()
