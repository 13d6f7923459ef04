import {join} from 'node:path'
import type {LoadReport, PacedOrder} from './http/load.ts'
import {type Product, withLoad, withProduct} from './measure-http.ts'
import type {Plan} from './plan.ts'
import {describeReference, judge, type Result} from './result.ts'
import type {Worker} from './worker.ts'

/** After the load has warmed up. */
const FIRST_SWAP_MS = 1200

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** (d) Hot swaps to and fro under a steady load: calls that fail, and what the slowest call takes more than without swaps. */
export async function measureSwaps(
  {pressSeconds, swaps, everyMs, connections, share}: Plan['swap'],
  {bundles, folder}: {bundles: {[version: string]: string}; folder: string},
): Promise<Result[]> {
  return withProduct(join(folder, 'swap'), Object.values(bundles), product =>
    withLoad(async load => {
      const order = {target: product.target, connections, seconds: Math.ceil((swaps * everyMs) / 1000) + 2}
      const {perSecond} = await load.ask<LoadReport>({...order, seconds: pressSeconds})
      const steady: PacedOrder = {...order, rate: Math.floor(perSecond * share)}
      const calm = await load.ask<LoadReport>(steady)
      const swapped = await swapUnderLoad(load, steady, () =>
        swapOften(product, Object.keys(bundles), {swaps, everyMs}),
      )
      return describeSwaps(calm, swapped, swaps)
    }),
  )
}

async function swapUnderLoad(load: Worker, order: PacedOrder, swap: () => Promise<void>): Promise<LoadReport> {
  const [report] = await Promise.all([load.ask<LoadReport>(order), swap()])
  return report
}

async function swapOften(
  {address}: Product,
  versions: readonly string[],
  {swaps, everyMs}: {swaps: number; everyMs: number},
): Promise<void> {
  await pause(FIRST_SWAP_MS)
  for (let swap = 1; swap <= swaps; swap++) {
    const started = performance.now()
    const response = await fetch(`${address.url}/v1/plugins/${address.plugin}/activate`, {
      method: 'POST',
      headers: {authorization: `Bearer ${address.token}`, 'content-type': 'application/json'},
      body: JSON.stringify({version: versions[swap % versions.length]}),
    })
    if (!response.ok) throw new Error(`Cannot swap: ${response.status} ${await response.text()}`)
    await pause(Math.max(0, everyMs - (performance.now() - started)))
  }
}

function describeSwaps(calm: LoadReport, swapped: LoadReport, swaps: number): Result[] {
  const one = (id: string, unit: string, value: number): Result =>
    describeReference(id, unit, {name: id, values: [value]})
  return [
    judge({
      id: 'swap.failed',
      unit: 'calls',
      own: {name: 'swap', values: [calm.failed + swapped.failed]},
      bar: {atMost: 0},
    }),
    one('swap.worstAdded', 'ms', Math.max(0, swapped.worstMs - calm.worstMs)),
    one('swap.worst', 'ms', swapped.worstMs),
    one('swap.calls', 'calls', swapped.requests),
    one('swap.load', 'calls/s', swapped.perSecond),
    one('swap.swaps', 'swaps', swaps),
  ]
}
