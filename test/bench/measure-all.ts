import {join} from 'node:path'
import {withTempFolder} from '../support/temp.ts'
import {measureCalls} from './calls/measure-calls.ts'
import {buildEcho, installEcho} from './install-echo.ts'
import {measureAsync} from './measure-async.ts'
import {measureHttp} from './measure-http.ts'
import {measureMemory} from './measure-memory.ts'
import {measureStarts} from './measure-starts.ts'
import {measureSwaps} from './measure-swaps.ts'
import type {Plan} from './plan.ts'
import type {Result} from './result.ts'

/** Everything, one after another; `onPart` hears what comes next. Nothing is left behind. */
export function measureAll(plan: Plan, onPart: (name: string) => void): Promise<Result[]> {
  return withTempFolder(async folder => {
    const bundles = {'1.0.0': await buildEcho(folder), '1.0.1': await buildEcho(folder, '1.0.1')}
    const installed = {spec: await installEcho(bundles['1.0.0'], join(folder, 'installed')), folder}
    const parts: {[name: string]: () => Promise<Result[]>} = {
      calls: () => measureCalls(plan.calls, installed),
      starts: () => measureStarts(plan.starts, installed),
      http: () => measureHttp(plan.http, {bundle: bundles['1.0.0'], folder}),
      async: () => measureAsync(plan.async, {bundle: bundles['1.0.0'], folder}),
      swaps: () => measureSwaps(plan.swap, {bundles, folder}),
      // Only Linux tells the memory of another process in a file.
      ...(process.platform === 'linux' && {memory: () => measureMemory(plan.memory, installed)}),
    }
    const results: Result[] = []
    for (const [name, measure] of Object.entries(parts)) {
      onPart(name)
      results.push(...(await measure()))
    }
    return results
  })
}
