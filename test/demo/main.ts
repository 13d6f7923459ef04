/**
 * `npm run demo`: the whole line on real input. A server in its own process, two standard plugins deployed over HTTP, a message sent
 * to a real HTTP receiver, a real SNMP agent discovered, a process killed in mid-call, a version swapped under load.
 * Everything is on loopback and in a temporary folder; nothing is left.
 */
import {mkdtemp, readFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {buildBundle} from '../../host/index.ts'
import {createReleasers} from '../../host/releasers.ts'
import type {InstallResult, Outcome, PluginDetail} from '../../host/types.ts'
import {startSnmpAgent} from '../services/snmp-agent.ts'
import {startSnmpd} from '../services/snmpd.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {isAlive} from '../support/is-alive.ts'
import {findProgram} from '../support/needs.ts'
import {removeFolder} from '../support/temp.ts'
import {startReceiver} from './receiver.ts'
import {startDemoServer} from './server.ts'
import {startStory} from './story.ts'

const root = join(import.meta.dirname, '../..')
const PLUGINS = ['webhook', 'snmp-discovery']
const LIMIT_MS = 180_000

async function tell(folder: string, releasers: ReturnType<typeof createReleasers>): Promise<void> {
  const {step} = startStory()
  const bundles = await step('Build the standard plugins', async () => {
    const built = []
    for (const name of PLUGINS)
      built.push(await buildBundle(join(root, 'plugins', name), {out: join(folder, `${name}.fp`)}))
    return {
      value: built,
      text: built
        .map(({id, version, bytes, sha256}) => `${id} ${version}: ${bytes} bytes, sha256 ${sha256.slice(0, 16)}…`)
        .join('\n'),
    }
  })

  const server = await step('Start the plugin server', async () => {
    const started = await startDemoServer(join(folder, 'data'))
    releasers.push(async () => void (await started.stop()))
    return {value: started, text: `${started.url}, data in a temporary folder`}
  })
  const execute = (registration: string, action: string, input: object): Promise<Outcome> =>
    server.call('POST', `/v1/registrations/${registration}/actions/${action}/execute`, {input})

  await step('Deploy the bundles over HTTP', async () => {
    const results: InstallResult[] = []
    for (const {path} of bundles) results.push(await server.call('POST', '/v1/bundles', await readFile(path)))
    return {
      value: results,
      text: results
        .map(({id, version, registration}) => `${id} ${version} serves, registered as "${registration}"`)
        .join('\n'),
    }
  })

  const receiver = await startReceiver()
  releasers.push(() => receiver.stop())
  await step('Notify a third-party system', async () => {
    const outcome = await execute('webhook', 'send', {
      url: `${receiver.url}/messages`,
      body: {to: '+4915112345678', text: 'Ticket INC-7 was assigned to you'},
      extract: {path: '/id'},
    })
    expect(outcome, 'succeeded')
    const [{path, body} = {path: '', body: ''}] = receiver.received
    return {
      value: outcome,
      text: `the receiver got POST ${path} ${body}\nthe outcome: ${JSON.stringify(outcome.output)}`,
    }
  })

  const agent = await startAgent(folder)
  releasers.push(() => agent.stop())
  await step('Discover a device by SNMP', async () => {
    const outcome = await execute('snmp-discovery', 'discover', {targets: '127.0.0.1', port: agent.port})
    expect(outcome, 'succeeded')
    const {devices} = outcome.output as {devices: {name: string; profile: string; assetType: string}[]}
    if (devices.length !== 1) throw new Error(`Cannot find the agent: ${JSON.stringify(outcome.output)}`)
    return {
      value: outcome,
      text: `${agent.kind} on port ${agent.port}: ${devices.map(({name, profile, assetType}) => `${name}, ${assetType}, profile ${profile}`).join('; ')}`,
    }
  })

  await step('Kill a plugin process in mid-call', async () => {
    const lost = execute('webhook', 'send', {url: `${receiver.url}/slow`, body: {}})
    await eventually(10_000, () => receiver.waiting === 1, 'the call at the receiver')
    const {process: killed} = await server.call<PluginDetail>('GET', '/v1/plugins/webhook')
    const from = performance.now()
    process.kill(killed?.pid ?? 0, 'SIGKILL')
    const others = await Promise.all(
      Array.from({length: 20}, () =>
        execute('snmp-discovery', 'get', {host: '127.0.0.1', port: agent.port, oids: ['1.3.6.1.2.1.1.5.0']}),
      ),
    )
    for (const outcome of others) expect(outcome, 'succeeded')
    const outcome = await lost
    const lostMs = Math.round(performance.now() - from)
    expect(outcome, 'failed')
    const back = await eventually(10_000, async () => {
      const {state, process: now} = await server.call<PluginDetail>('GET', '/v1/plugins/webhook')
      return state.name === 'running' && now !== null && now.pid !== killed?.pid ? now : undefined
    })
    const text = `pid ${killed?.pid} killed; its call failed after ${lostMs} ms with ${outcome.error?.code}\n20 calls of snmp-discovery meanwhile: 20 succeeded\nwebhook runs again as pid ${back.pid}`
    return {value: outcome, text}
  })

  await step('Hot-swap a new version under load', async () => {
    const [{version: now = ''} = {}] = bundles
    const version = now.replace(/\d+$/, last => String(Number(last) + 1))
    const next = await buildBundle(join(root, 'plugins/webhook'), {out: join(folder, 'next.fp'), version})
    const {stop} = startLoad(() =>
      execute('webhook', 'fetch', {url: `${receiver.url}/on-call`, extract: {path: '/person'}}),
    )
    await server.call('POST', '/v1/bundles', await readFile(next.path))
    const detail = await server.call<PluginDetail>('GET', '/v1/plugins/webhook')
    const {calls, failed} = await stop()
    if (failed > 0 || detail.version !== next.version)
      throw new Error(`Cannot swap without loss: ${failed} of ${calls} calls failed, version ${detail.version} serves`)
    return {value: calls, text: `webhook ${next.version} serves; ${calls} calls during the swap, ${failed} failed`}
  })

  await step('Stop the server', async () => {
    const {items: plugins} = await server.call<{items: {process: {pid: number} | null}[]}>('GET', '/v1/plugins')
    const pids = plugins.flatMap(plugin => (plugin.process ? [plugin.process.pid] : []))
    const code = await server.stop()
    const left = pids.filter(isAlive)
    if (code !== 0 || left.length > 0)
      throw new Error(`Cannot stop cleanly: exit code ${code}, processes left: ${left.join(', ') || 'none'}`)
    return {value: code, text: `exit code 0, none of its ${pids.length} plugin processes left`}
  })
}

function expect(outcome: Outcome, status: Outcome['status']): void {
  if (outcome.status !== status) throw new Error(`Cannot go on: the outcome is ${JSON.stringify(outcome)}`)
}

async function startAgent(folder: string): Promise<{kind: string; port: number; stop(): Promise<void>}> {
  if (findProgram('snmpd'))
    return Object.assign(await startSnmpd(join(folder, 'snmpd'), {sysName: 'demo-switch'}), {kind: 'Debian’s snmpd'})
  return Object.assign(await startSnmpAgent({sysName: 'demo-switch'}), {kind: 'The demo’s own agent'})
}

/** Calls from four sides until told to stop. */
function startLoad(call: () => Promise<Outcome>): {stop(): Promise<{calls: number; failed: number}>} {
  let running = true
  let calls = 0
  let failed = 0
  const workers = Array.from({length: 4}, async () => {
    while (running) {
      const outcome = await call().catch(() => undefined)
      calls++
      if (outcome?.status !== 'succeeded') failed++
    }
  })
  return {
    async stop() {
      running = false
      await Promise.all(workers)
      return {calls, failed}
    },
  }
}

const folder = await mkdtemp(join(tmpdir(), 'plugin-host-demo-'))
const releasers = createReleasers()
releasers.push(() => removeFolder(folder))
try {
  await deadline(LIMIT_MS, tell(folder, releasers), 'the demo')
  console.log('\nThe demo did all it set out to do.')
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
} finally {
  await releasers.release()
}
