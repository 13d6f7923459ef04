import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {buildBundle} from '../../host/index.ts'
import type {PluginDetail} from '../../host/types.ts'
import {startSnmpAgent} from '../services/snmp-agent.ts'
import {startSnmpd} from '../services/snmpd.ts'
import {eventually} from '../support/deadline.ts'
import {findProgram} from '../support/needs.ts'
import {expectStatus, type Stage} from './stage.ts'

const SOURCE = join(import.meta.dirname, '../../plugins/webhook')

/** A device is found, a process dies in mid-call, a version is swapped under load. */
export async function showResilience({
  folder,
  releasers,
  step,
  server,
  receiver,
  execute,
  bundles,
}: Stage): Promise<void> {
  const agent = await startAgent(folder)
  releasers.push(() => agent.stop())
  await step('Discover a device by SNMP', async () => {
    const outcome = await execute('snmp-discovery', 'discover', {targets: '127.0.0.1', port: agent.port})
    expectStatus(outcome, 'succeeded')
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
    for (const outcome of others) expectStatus(outcome, 'succeeded')
    const outcome = await lost
    const lostMs = Math.round(performance.now() - from)
    expectStatus(outcome, 'failed')
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
    const next = await buildBundle(SOURCE, {out: join(folder, 'next.fp'), version})
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
}

async function startAgent(folder: string): Promise<{kind: string; port: number; stop(): Promise<void>}> {
  if (findProgram('snmpd'))
    return Object.assign(await startSnmpd(join(folder, 'snmpd'), {sysName: 'demo-switch'}), {kind: 'Debian’s snmpd'})
  return Object.assign(await startSnmpAgent({sysName: 'demo-switch'}), {kind: 'The demo’s own agent'})
}

/** Calls from four sides until told to stop. */
function startLoad(call: () => Promise<{status: string}>): {stop(): Promise<{calls: number; failed: number}>} {
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
