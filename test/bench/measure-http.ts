import {join} from 'node:path'
import {makeInput} from './calls/subject.ts'
import type {LoadOrder, LoadReport, Target} from './http/load.ts'
import type {ProductAddress} from './http/serve-product.ts'
import type {Plan} from './plan.ts'
import {describeReference, judge, type Result} from './result.ts'
import {measureInRounds} from './rounds.ts'
import {startWorker, type Worker} from './worker.ts'

const FILES = join(import.meta.dirname, 'http')
const JSON_TYPE = {'content-type': 'application/json'}
const REQUEST = {headers: JSON_TYPE, body: JSON.stringify({input: makeInput(150)}), expect: 'Printer on floor 3'}

/** The same call, its input made of a ticket by a mapping. */
function describeMapped(target: Target): Target {
  const {subject, tags, text} = makeInput(150) as {subject: string; tags: string[]; text: string}
  const record = {subject, category: tags.join(','), description: text}
  return {...target, body: JSON.stringify({record, mapping: 'bench'})}
}

export interface Product {
  address: ProductAddress
  target: Target
}

/** A server of the product in its own process, with the plugin installed; the first bundle is active. */
export async function withProduct<T>(
  dataFolder: string,
  bundles: readonly string[],
  run: (product: Product) => Promise<T>,
): Promise<T> {
  const server = startWorker(join(FILES, 'serve-product.ts'), [dataFolder, ...bundles])
  try {
    const address = await server.ask<ProductAddress>({})
    const url = `${address.url}/v1/registrations/${address.plugin}/actions/echo/execute`
    return await run({
      address,
      target: {...REQUEST, url, headers: {...JSON_TYPE, authorization: `Bearer ${address.token}`}},
    })
  } finally {
    await server.stop()
  }
}

export async function withLoad<T>(run: (load: Worker) => Promise<T>): Promise<T> {
  const load = startWorker(join(FILES, 'load.ts'))
  try {
    return await run(load)
  } finally {
    await load.stop()
  }
}

/** (c) Executions over HTTP, against a bare echo and against an unguarded way to a child. Requests a second. */
export async function measureHttp(
  {rounds, warmUps, seconds, connections}: Plan['http'],
  {bundle, folder}: {bundle: string; folder: string},
): Promise<Result[]> {
  const echo = startWorker(join(FILES, 'serve-echo.ts'))
  const stock = startWorker(join(FILES, 'serve-stock.ts'))
  try {
    const urls = {echo: await echo.ask<string>({}), stock: await stock.ask<string>({})}
    const series = await withProduct(join(folder, 'http'), [bundle], ({target}) =>
      withLoad(load => {
        const press = (order: Target) => () => pressHard(load, {target: order, seconds, connections})
        return measureInRounds(
          {rounds, warmUps},
          {
            product: press(target),
            productMapped: press(describeMapped(target)),
            fastifyStockJsonRpc: press({...REQUEST, url: urls.stock}),
            fastifyEcho: press({...REQUEST, url: urls.echo}),
          },
        )
      }),
    )
    const {product: own, productMapped: mapped, fastifyStockJsonRpc, fastifyEcho} = series
    const unit = 'requests/s'
    return [
      judge({id: 'http.fastifyStockJsonRpc', unit, own, against: fastifyStockJsonRpc, bar: {atLeast: 1}}),
      judge({id: 'http.fastifyEcho', unit, own, against: fastifyEcho}),
      judge({id: 'http.mapped', unit, own: mapped, against: own, bar: {atLeast: 0.9}}),
      describeReference('http.of.fastifyStockJsonRpc', unit, fastifyStockJsonRpc),
      describeReference('http.of.fastifyEcho', unit, fastifyEcho),
    ]
  } finally {
    await Promise.all([echo.stop(), stock.stop()])
  }
}

async function pressHard(load: Worker, order: LoadOrder): Promise<number> {
  const {perSecond, failed} = await load.ask<LoadReport>(order)
  if (failed > 0) throw new Error(`Cannot compare: ${failed} requests to ${order.target.url} failed`)
  return perSecond
}
