/**
 * `npm run demo`: the whole deployment workflow on real input. A server in its own process, two standard plugins built and deployed over
 * HTTP; one of them registered, configured, tested, mapped, test-executed and tied to a workflow rule that changes a ticket. Then a
 * real SNMP agent is discovered, a process killed in mid-call, a version swapped under load.
 * Everything is on loopback and in a temporary folder; nothing is left.
 */
import {mkdtemp} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type BuiltBundle, buildBundle} from '../../host/index.ts'
import {createReleasers, type Releasers} from '../../host/releasers.ts'
import {deadline} from '../support/deadline.ts'
import {isAlive} from '../support/is-alive.ts'
import {removeFolder} from '../support/temp.ts'
import {showDeployment} from './deployment.ts'
import {startReceiver} from './receiver.ts'
import {showResilience} from './resilience.ts'
import {startDemoServer} from './server.ts'
import type {Stage} from './stage.ts'
import {startStory} from './story.ts'

const root = join(import.meta.dirname, '../..')
const PLUGINS = ['webhook', 'snmp-discovery']
const LIMIT_MS = 180_000

async function tell(folder: string, releasers: Releasers): Promise<void> {
  const {step} = startStory()
  const bundles = await step('Build the standard plugins', async () => {
    const built: BuiltBundle[] = []
    for (const name of PLUGINS)
      built.push(await buildBundle(join(root, 'plugins', name), {out: join(folder, `${name}.fp`)}))
    const lines = built.map(
      ({id, version, bytes, sha256}) => `${id} ${version}: ${bytes} bytes, sha256 ${sha256.slice(0, 16)}…`,
    )
    return {value: built, text: lines.join('\n')}
  })
  const server = await step('Start the plugin server, its desk filled with sample data', async () => {
    const started = await startDemoServer(join(folder, 'data'))
    releasers.push(async () => void (await started.stop()))
    const {total} = await started.call<{total: number}>('GET', '/v1/requests?limit=1')
    return {value: started, text: `${started.url}, data in a temporary folder, ${total} requests on the desk`}
  })
  const receiver = await startReceiver()
  releasers.push(() => receiver.stop())
  const execute: Stage['execute'] = (registration, action, input) =>
    server.call('POST', `/v1/registrations/${registration}/actions/${action}/execute`, {input})

  const stage = {folder, releasers, step, server, receiver, bundles, execute}
  await showDeployment(stage)
  await showResilience(stage)
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
