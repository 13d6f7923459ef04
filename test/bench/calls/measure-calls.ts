import {join} from 'node:path'
import type {LaunchSpec} from '../../../host/process/types.ts'
import {mapNames} from '../map-names.ts'
import type {Plan} from '../plan.ts'
import {type Bar, describeReference, judge, type Result, type Series} from '../result.ts'
import {measureInRounds} from '../rounds.ts'
import {startWorker} from '../worker.ts'
import type {Load, SubjectName} from './drive.ts'

const DRIVER = join(import.meta.dirname, 'drive.ts')
const SUBJECTS = [
  'pluginProcess',
  'rawPipe',
  'stockJsonRpc',
  'forked',
  'rawPipeOwnGroup',
  'supervised',
] as const satisfies readonly SubjectName[]
const SIZES = [
  {name: '150B', bytes: 150},
  {name: '64KiB', bytes: 64 * 1024},
] as const
const WAYS = [
  {name: 'one', inFlight: 1, unit: 'us'},
  {name: 'flow', inFlight: 64, unit: 'calls/s'},
] as const

/** By size, way and whom it is compared with. */
const BARS: {[id: string]: Bar} = {
  '150B.flow.stockJsonRpc': {atLeast: 2},
  '150B.flow.rawPipe': {atLeast: 0.5},
  '150B.one.rawPipe': {atMost: 1.15},
  '64KiB.flow.stockJsonRpc': {atLeast: 1},
  '64KiB.one.stockJsonRpc': {atMost: 1},
}

/** (a) Calls through the process layer, against other ways to reach a child process. */
export async function measureCalls(
  {rounds, ms}: Plan['calls'],
  {spec, folder}: {spec: LaunchSpec; folder: string},
): Promise<Result[]> {
  const workers = mapNames(SUBJECTS, name => startWorker(DRIVER, [name, folder, JSON.stringify(spec)]))
  try {
    const results: Result[] = []
    for (const size of SIZES) {
      for (const way of WAYS) {
        const load: Load = {bytes: size.bytes, inFlight: way.inFlight, ms}
        const asks = mapNames(SUBJECTS, name => () => workers[name].ask<number>(load))
        const series = await measureInRounds({rounds}, asks)
        results.push(...describeSeries(`${size.name}.${way.name}`, way.unit, series))
      }
    }
    return results
  } finally {
    await Promise.all(Object.values(workers).map(worker => worker.stop()))
  }
}

function describeSeries(place: string, unit: string, series: {[name in SubjectName]: Series}): Result[] {
  const {pluginProcess: own, supervised, ...others} = series
  const compared = Object.values(others).map(against => {
    const bar = BARS[`${place}.${against.name}`]
    return judge({id: `calls.${place}.${against.name}`, unit, own, against, ...(bar && {bar})})
  })
  return [
    ...compared,
    judge({id: `calls.${place}.supervised`, unit, own: supervised, against: own}),
    ...Object.values(others).map(other => describeReference(`calls.${place}.of.${other.name}`, unit, other)),
  ]
}
