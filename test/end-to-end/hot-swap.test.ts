import {readFile} from 'node:fs/promises'
import {Agent, request} from 'node:http'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {isHostError, loadConfig, type RunningServer, startServer} from '../../host/index.ts'
import type {Manifest} from '../../host/manifest.ts'
import {deadline} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('hot swap over HTTP')
const CONNECTIONS = 16

async function withServer<T>(
  run: (server: RunningServer, folder: string, call: () => Promise<number>) => Promise<T>,
): Promise<T> {
  return withTempFolder(async folder => {
    const dataFolder = join(folder, 'data')
    const config = loadConfig({dataFolder, logLevel: 'silent', http: {port: 0}, bundle: {keepVersions: 100}})
    const server = await startServer(config)
    const agent = new Agent({keepAlive: true, maxSockets: CONNECTIONS})
    try {
      const token = (await readFile(server.tokenFile, 'utf8')).trim()
      return await run(server, folder, () => execute(server.url, token, agent))
    } finally {
      agent.destroy()
      await server.stop()
    }
  })
}

/** One execution over HTTP; resolves with 1 when it succeeded, else 0. */
function execute(url: string, token: string, agent: Agent): Promise<number> {
  return new Promise(resolve => {
    const sent = request(`${url}/v1/registrations/swapped/actions/echo/execute`, {
      method: 'POST',
      agent,
      headers: {authorization: `Bearer ${token}`, 'content-type': 'application/json'},
    })
    sent.on('error', () => resolve(0))
    sent.on('response', async response => {
      let body = ''
      for await (const chunk of response) body += chunk
      resolve(response.statusCode === 200 && JSON.parse(body).status === 'succeeded' ? 1 : 0)
    })
    sent.end('{"input":{"ms":1}}')
  })
}

/** What the server sustains at full load, calls in a second. */
async function measureRate(call: () => Promise<number>): Promise<number> {
  const end = performance.now() + 1000
  let calls = 0
  await Promise.all(
    Array.from({length: CONNECTIONS}, async () => {
      while (performance.now() < end) {
        const succeeded = await call()
        calls += succeeded
      }
    }),
  )
  return calls
}

/** Calls at a steady rate, whatever the answers take, until told to stop. */
function load(call: () => Promise<number>, perSecond: number): {stop(): Promise<{calls: number; failed: number}>} {
  const running: Promise<number>[] = []
  const started = performance.now()
  const timer = setInterval(() => {
    const due = ((performance.now() - started) * perSecond) / 1000
    while (running.length < due) running.push(call())
  }, 5)
  return {
    async stop() {
      clearInterval(timer)
      const answers = await Promise.all(running)
      return {calls: answers.length, failed: answers.filter(ok => ok === 0).length}
    },
  }
}

test('100 swaps at half of what one core sustains: no call fails', () =>
  deadline(
    180_000,
    withServer(async ({host}, folder, call) => {
      for (const version of ['1.0.0', '2.0.0'])
        await host.installBundle(await buildFixture(folder, 'slow', {id: 'swapped', version}))
      const rate = await measureRate(call)
      const loading = load(call, rate / 2)
      for (let swap = 0; swap < 100; swap++) await host.activatePlugin('swapped', swap % 2 === 0 ? '1.0.0' : '2.0.0')
      const {calls, failed} = await loading.stop()
      assert.is(failed, 0)
      assert.ok(calls >= 100, `${calls} calls`)
      console.log(`100 swaps, ${calls} calls at ${Math.round(rate / 2)}/s, ${failed} failed`)
    }),
  ))

const BAD: {[name: string]: (version: string) => [fixture: string, manifest: Partial<Omit<Manifest, 'actions'>>]} = {
  'crashes at start': version => ['crashes-at-start', {version}],
  'hangs at start': version => ['hangs-at-start', {version, process: {startTimeoutMs: 300}}],
  'speaks another protocol': version => [
    'wrong-protocol',
    {version, process: {command: ['node', '{bundle}/main.cjs']}},
  ],
  'fails its self-test': version => ['fails-self-test', {version, process: {selfTest: 'connection'}}],
}

test('20 bad versions: the old one serves every call', () =>
  deadline(
    180_000,
    withServer(async ({host}, folder, call) => {
      await host.installBundle(await buildFixture(folder, 'slow', {id: 'swapped'}))
      const loading = load(call, (await measureRate(call)) / 4)
      const {pid} = host.getPlugin('swapped').process ?? {}
      for (let round = 1; round <= 5; round++) {
        for (const [index, [name, describe]] of Object.entries(BAD).entries()) {
          const [fixture, manifest] = describe(`${round + 1}.${index}.0`)
          const path = await buildFixture(folder, fixture, {id: 'swapped', ...manifest})
          const error = await host.installBundle(path, {consent: true}).catch(reason => reason as unknown)
          assert.ok(isHostError(error, 'PLUGIN_SWAP_FAILED'), `${name}: ${error}`)
          assert.is(host.getPlugin('swapped').process?.pid, pid, name)
        }
      }
      const {calls, failed} = await loading.stop()
      assert.is(failed, 0)
      assert.ok(calls > 20)
    }),
  ))

test.run()
