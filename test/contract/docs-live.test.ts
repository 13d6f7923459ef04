/** What the docs say of things that have to be started to be seen. */
import {mkdir, writeFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {Command} from 'commander'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {VERBS} from '../../bin/verbs.ts'
import type {Outcome} from '../../host/types.ts'
import {deadline} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {withHttp} from '../support/http.ts'
import {readBlock, readCode, readPage, readSection, readTable} from '../support/markdown.ts'
import {withHost, withPlugin} from '../support/plugin-harness.ts'
import {runCommandLine} from '../support/run-command-line.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('docs, live')

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort()

test('cli.md lists exactly the verbs that --help prints', async () => {
  const {stdout} = await runCommandLine(['--help'])
  const printed = [...stdout.matchAll(/^ {2}([a-z][a-z-]*) {2,}\S/gm)].map(([, name = '']) => name)
  assert.ok(printed.length > 20)
  const listed = readTable(readPage('docs/cli.md'), 'verb').flatMap(([verbs]) => readCode(verbs ?? ''))
  assert.equal(sorted(listed), sorted(printed))
})

test('cli.md tells exactly the arguments and options of each verb', async () => {
  const page = readPage('docs/cli.md')
  const headings = page.split('\n').flatMap(line => (line.startsWith('## ') ? [line.slice(3)] : []))
  for (const {name, load} of VERBS) {
    const command = new Command(name)
    ;(await load()).declare(command)
    const section = readSection(page, headings.find(heading => heading.split(', ').includes(name)) ?? '') ?? ''
    const told = readTable(section, 'option').flatMap(([option = '']) => option.match(/--[a-z-]+/g) ?? [])
    assert.equal(sorted(told), sorted(command.options.map(({long}) => long ?? '')), name)
    for (const argument of command.registeredArguments) {
      const name = `${argument.name()}${argument.variadic ? '...' : ''}`
      const shown = argument.required ? `<${name}>` : `[${name}]`
      assert.ok(section.includes(shown), `${name} ${shown}`)
    }
  }
})

test('http.md names every route of the OpenAPI document, and no other', () =>
  deadline(
    20_000,
    withHttp(async ({call}) => {
      const {json} = await call('GET', '/openapi.json')
      const {paths} = json as {paths: {[path: string]: {[method: string]: unknown}}}
      const served = Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
      )
      assert.ok(served.length > 20)
      const told = readCode(readPage('docs/http.md')).filter(code => /^(GET|POST|PATCH|PUT|DELETE) \//.test(code))
      assert.equal(sorted(told), sorted(served))
    }),
  ))

test('operations.md names exactly the metrics that are served, and their labels', () =>
  withHost({}, ({host, folder}) =>
    deadline(30_000, async () => {
      await host.installBundle(await buildFixture(folder, 'echo'))
      await host.execute({registration: 'echo', action: 'echo', input: 1})
      await host.restartPlugin('echo')
      const {text} = await host.metrics()
      const served = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name))
      const rows = readTable(readPage('docs/operations.md'), 'metric')
      const told = rows.flatMap(([names = '']) => readCode(names))
      // Some are there on Linux only.
      if (process.platform === 'linux') assert.equal(sorted(told), sorted(served))
      for (const name of served) assert.ok(told.includes(name), name)
      for (const [names = '', , shown = ''] of rows) {
        for (const name of readCode(names)) {
          const labels = listLabels(text, name)
          if (labels.length > 0) assert.equal(sorted(shown.split(/, ?/).filter(Boolean)), labels, name)
        }
      }
      assert.equal(listLabels(text, 'plugin_host_executions_total'), ['action', 'plugin', 'status'])
    }),
  ))

function listLabels(text: string, metric: string): string[] {
  const series = text.split('\n').filter(line => line.startsWith(metric))
  const names = series.flatMap(line => {
    const [, labels = ''] = new RegExp(`^${metric}(?:_bucket|_sum|_count)?\\{([^}]*)\\}`).exec(line) ?? []
    return [...labels.matchAll(/(\w+)="/g)].map(([, name = '']) => name)
  })
  return sorted(names.filter(name => name !== 'le'))
}

/** The stock system that the guide's plugin speaks to. */
async function withStock<T>(run: (url: string, requests: string[]) => Promise<T>): Promise<T> {
  const requests: string[] = []
  const answers: {[path: string]: unknown} = {
    '/devices': {
      devices: [
        {serial: 'C02X', name: 'ann-laptop'},
        {serial: 'C03Y', name: 'bob-laptop'},
      ],
    },
    '/orders': {number: 'O-1'},
    '/me': {},
    '/sites': {sites: ['Berlin', 'Bern', 'Oslo']},
  }
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? ''
    requests.push(`${request.method} ${path} ${request.headers['idempotency-key'] ?? ''}`.trim())
    const allowed = request.headers.authorization === 'Bearer the-right-token'
    response.writeHead(allowed ? 200 : 401, {'content-type': 'application/json'})
    response.end(JSON.stringify(allowed ? answers[path] : {}))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  try {
    return await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests)
  } finally {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
}

test('the whole plugin of writing-a-plugin.md is built, and does what the guide says', () =>
  withTempFolder(folder =>
    withStock((url, requests) =>
      deadline(60_000, async () => {
        const guide = readPage('docs/writing-a-plugin.md')
        const source = join(folder, 'stock')
        await mkdir(source)
        for (const opening of ['json plugin.json', 'ts main.ts']) {
          await writeFile(join(source, opening.split(' ')[1] ?? ''), readBlock(guide, opening) ?? '')
        }
        const config = {url, token: 'the-right-token'}
        await withPlugin(source, {config}, async ({execute, test: connect, host, desk, id, logs}) => {
          const pulled = await execute('pull', {})
          assert.equal(pulled.output, {devices: 2}, JSON.stringify(pulled.error))
          const {records, artifacts} = host.getExecution(pulled.execution)
          assert.is(records, 2)
          assert.is(artifacts[0]?.name, 'devices.csv')

          const request = desk.createRequest({subject: 'A laptop'})
          const input = {request: request.id, model: 'L-14'}
          const dry = await execute('order', input, {mode: 'dryRun'})
          assert.is(dry.effects[0]?.status, 'shown')
          assert.not.ok(requests.some(line => line.startsWith('POST /orders')))
          const done = await execute('order', input, {idempotencyKey: 'INC-7'})
          assert.equal([done.status, done.message, done.effects[0]?.status], ['succeeded', 'Order O-1', 'applied'])
          assert.ok(requests.includes('POST /orders INC-7'))
          assert.is(desk.readNotes(request.id)[0]?.text, 'Ordered one L-14: O-1')
          assert.is(errorOf(await execute('order', {...input, request: '99'})), 'input INPUT /request')

          assert.ok((await connect()).ok)
          const refused = await connect({...config, token: 'a-wrong-token'})
          assert.is(refused.error?.code, 'TOKEN_REFUSED')
          assert.equal(
            refused.stages.map(({name, ok}) => `${name} ${ok}`),
            ['address true', 'login false'],
          )
          const sites = await host.listOptions(id, 'site', {search: 'Ber'})
          assert.equal(
            sites.options.map(({label}) => label),
            ['Berlin', 'Bern'],
          )
          assert.ok(logs().some(({message}) => message === 'starting'))
        })
      }),
    ),
  ))

function errorOf({error}: Outcome): string {
  return [error?.category, error?.code, error?.field].join(' ')
}

test.run()
