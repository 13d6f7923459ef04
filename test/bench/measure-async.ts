import {join} from 'node:path'
import {eventually} from '../support/deadline.ts'
import type {SubmitOrder, SubmitReport} from './http/load.ts'
import {type Product, withLoad, withProduct} from './measure-http.ts'
import type {Plan} from './plan.ts'
import {judge, type Result} from './result.ts'
import type {Worker} from './worker.ts'

const ENDED_MS = 120_000

interface Round {
  perSecond: number
  fsyncs: number
}

/** (f) Executions that are accepted, kept, run and ended; and how often the disk is waited for. */
export async function measureAsync(
  {rounds, warmUps, executions, connections}: Plan['async'],
  {bundle, folder}: {bundle: string; folder: string},
): Promise<Result[]> {
  const measured = await withProduct(join(folder, 'async'), [bundle], product =>
    withLoad(async load => {
      const found: Round[] = []
      for (let round = 0; round < warmUps + rounds; round++) {
        found.push(await measureRound(load, product, {connections, requests: executions}))
      }
      return found.slice(warmUps)
    }),
  )
  const series = (name: string, read: (round: Round) => number) => ({name, values: measured.map(read)})
  return [
    judge({id: 'async.perSecond', unit: 'executions/s', own: series('perSecond', round => round.perSecond)}),
    judge({
      id: 'async.fsyncsPerExecution',
      unit: 'fsyncs',
      own: series('fsyncs', round => round.fsyncs / executions),
      bar: {atMost: 1},
    }),
  ]
}

async function measureRound(
  load: Worker,
  {address, target}: Product,
  size: Omit<SubmitOrder, 'target'>,
): Promise<Round> {
  const before = await readCounts(address)
  const started = performance.now()
  const order: SubmitOrder = {...size, target: {...target, headers: {...target.headers, prefer: 'respond-async'}}}
  const {accepted, failed} = await load.ask<SubmitReport>(order)
  if (failed > 0) throw new Error(`Cannot count: ${failed} executions were not accepted`)
  const after = await eventually(
    ENDED_MS,
    async () => {
      const counts = await readCounts(address)
      return counts.succeeded - before.succeeded === accepted ? counts : undefined
    },
    `the success of ${accepted} executions`,
  )
  const seconds = (performance.now() - started) / 1000
  return {perSecond: accepted / seconds, fsyncs: after.commits - before.commits}
}

/** Each synced transaction waits for the disk once. The checkpoints of SQLite are not in it: traced, they added a fifth. */
async function readCounts({url, token}: Product['address']): Promise<{commits: number; succeeded: number}> {
  const response = await fetch(`${url}/metrics`, {headers: {authorization: `Bearer ${token}`}})
  const text = await response.text()
  const read = (series: string): number => Number(new RegExp(`^${series} (\\S+)$`, 'm').exec(text)?.[1] ?? 0)
  return {
    commits: read('plugin_host_store_synced_commits_total'),
    succeeded: read('plugin_host_executions_total\\{.*status="succeeded"\\}'),
  }
}
