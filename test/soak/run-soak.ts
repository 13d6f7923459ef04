import {mkdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Execution} from '../../host/types.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {checkSoak, parseLedger, type SoakReport} from './check-soak.ts'
import {type Address, Driver} from './drive.ts'
import {checkDatabase, listProcesses, type Product, type Program, startProduct, waitUntilGone} from './product.ts'
import {createRandom} from './random.ts'

export interface SoakPlan {
  /** Times that the server is killed. */
  cycles: number
  /** Executions asked for in a second. */
  rate: number
  seed: number
  /** Holds everything; empty. */
  folder: string
  /** The source, or what is built. */
  program: Program
  /** Time to bring all to their ends after the last crash, milliseconds. */
  drainMs?: number
  onCycle?: (cycle: number, accepted: number) => void
}

export interface SoakOutcome extends SoakReport {
  /** Kills before the server answered. */
  killedEarly: number
  /** Kills of the plugin's process, besides. */
  pluginKills: number
  refused: {[status: number]: number}
  /** What SQLite found wrong after a kill. */
  damage: string[]
}

const LONGEST_MS = 2000
/** Part of the kills that count from the start of the process, so that some come while it boots. */
const EARLY = 0.2
const PLUGIN_KILLED = 0.2
const LEFT_MS = 3000
const DRAIN_MS = 180_000
const AT_ONCE = 16

/** Kills the server over and over while it is asked for executions; then lets it finish, and counts. Rejects when processes are left. */
export async function runSoak({
  cycles,
  rate,
  seed,
  folder,
  program,
  drainMs = DRAIN_MS,
  onCycle,
}: SoakPlan): Promise<SoakOutcome> {
  const random = createRandom(seed)
  const data = join(folder, 'data')
  await mkdir(data)
  const driver = new Driver({random, rate})
  const outcome = {killedEarly: 0, pluginKills: 0, damage: [] as string[]}
  await installLedger(folder, {data, program})

  for (let cycle = 1; cycle <= cycles; cycle++) {
    const product = await startProduct(data, program)
    const isEarly = random() < EARLY
    const killMs = random() * LONGEST_MS
    const pluginKillMs = random() < PLUGIN_KILLED ? random() * LONGEST_MS : undefined
    const stop = new AbortController()
    const killing = killAfter(isEarly ? Promise.resolve() : product.ready, killMs, product).finally(() => stop.abort())
    const address = await product.ready
    if (address === undefined) outcome.killedEarly++
    else {
      const killingPlugin = pluginKillMs === undefined ? undefined : killPlugin(data, pluginKillMs, stop.signal)
      await driver.run(address, stop.signal)
      if (await killingPlugin) outcome.pluginKills++
    }
    const left = await killing
    await waitUntilGone(left, data, LEFT_MS)
    outcome.damage.push(...checkDatabase(data).map(line => `cycle ${cycle}: ${line}`))
    onCycle?.(cycle, driver.accepted.length)
  }

  const product = await startProduct(data, program)
  try {
    const address = await product.ready
    if (!address) throw new Error('Cannot look at the end: the server is gone')
    await driver.settle(address)
    await drain(address, drainMs)
    const executions = await readExecutions(address, driver.accepted)
    const ledger = parseLedger(await readFile(join(data, 'plugin-data/ledger/ledger.txt'), 'utf8').catch(() => ''))
    return {...outcome, refused: driver.refused, ...checkSoak({accepted: driver.accepted, executions, ledger})}
  } finally {
    await waitUntilGone(await product.kill(), data, LEFT_MS)
  }
}

async function installLedger(folder: string, {data, program}: {data: string; program: Program}): Promise<void> {
  const bundle = await buildFixture(folder, 'keeps-ledger', {
    id: 'ledger',
    actions: {
      put: {effect: 'update', idempotency: 'natural', retry: {max: 20, baseMs: 20}},
      send: {effect: 'send', idempotency: 'none'},
    },
  })
  const product = await startProduct(data, program)
  try {
    const address = await product.ready
    if (!address) throw new Error('Cannot install: the server is gone')
    // Its registration comes with it, as it needs no configuration.
    const answer = await fetch(`${address.url}/v1/bundles`, {
      method: 'POST',
      headers: {authorization: `Bearer ${address.token}`, 'content-type': 'application/octet-stream'},
      body: await readFile(bundle),
    })
    if (!answer.ok) throw new Error(`Cannot install: ${await answer.text()}`)
  } finally {
    await waitUntilGone(await product.kill(), data, LEFT_MS)
  }
}

async function killAfter(begin: Promise<unknown>, ms: number, product: Product): Promise<number[]> {
  await begin
  await new Promise(resolve => setTimeout(resolve, ms))
  return product.kill()
}

/** False when the server was gone before, or the plugin was not there. */
async function killPlugin(data: string, ms: number, signal: AbortSignal): Promise<boolean> {
  await new Promise(resolve => setTimeout(resolve, ms))
  const pid = signal.aborted ? undefined : listProcesses(join(data, 'plugins'))[0]
  if (pid === undefined) return false
  process.kill(pid, 'SIGKILL')
  return true
}

/** Until nothing is on its way any more; what still is after the time given is told as lost. */
async function drain(address: Address, ms: number): Promise<void> {
  await eventually(
    ms,
    async () => {
      const counts = await Promise.all(
        ['queued', 'running', 'retrying'].map(async status => {
          const {items} = await get<{items: Execution[]}>(address, `/v1/executions?limit=1&status=${status}`)
          return items.length
        }),
      )
      return counts.every(count => count === 0)
    },
    'the end of all executions',
  ).catch((error: Error) => console.error(error.message))
}

async function readExecutions(
  address: Address,
  accepted: readonly {execution: string}[],
): Promise<Map<string, Execution | undefined>> {
  const ids = [...new Set(accepted.map(({execution}) => execution))]
  const found = new Map<string, Execution | undefined>()
  const readAll = async (): Promise<void> => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
      found.set(id, await get<Execution>(address, `/v1/executions/${id}`).catch(() => undefined))
    }
  }
  await deadline(DRAIN_MS, Promise.all(Array.from({length: AT_ONCE}, readAll)), 'reading all executions')
  return found
}

async function get<T>({url, token}: Address, path: string): Promise<T> {
  const response = await fetch(url + path, {headers: {authorization: `Bearer ${token}`}})
  if (!response.ok) throw new Error(`Cannot read ${path}: ${response.status}`)
  return (await response.json()) as T
}
