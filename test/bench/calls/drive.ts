/** A worker that makes the calls of one subject: `node drive.ts <subject> <folder> <launch spec>`. */
import type {LaunchSpec} from '../../../host/process/types.ts'
import {findMedian} from '../statistics.ts'
import {answerParent} from '../worker.ts'
import {startForked} from './forked.ts'
import {startPluginProcess, startSupervised} from './plugin-process.ts'
import {startRawPipe, startRawPipeOwnGroup} from './raw-pipe.ts'
import {startStockJsonRpc} from './stock-jsonrpc.ts'
import {makeParams, type Subject} from './subject.ts'

export type SubjectName = keyof typeof STARTERS

/** How often, for how long (milliseconds), and with how much. */
export interface Load {
  bytes: number
  inFlight: number
  ms: number
}

const STARTERS = {
  pluginProcess: startPluginProcess,
  supervised: startSupervised,
  rawPipe: startRawPipe,
  rawPipeOwnGroup: startRawPipeOwnGroup,
  stockJsonRpc: startStockJsonRpc,
  forked: startForked,
}

const [name = '', folder = '', spec = ''] = process.argv.slice(2)
const subject: Promise<Subject> = STARTERS[name as SubjectName](JSON.parse(spec) as LaunchSpec, folder)

/** Median time of a call in microseconds, or with several in flight calls a second. */
async function measure({bytes, inFlight, ms}: Load): Promise<number> {
  const {call} = await subject
  const params = makeParams(bytes)
  const {output} = (await call(params)) as {output: unknown}
  if (JSON.stringify(output) !== JSON.stringify(params.input)) throw new Error(`"${name}" gave back something else`)
  return inFlight === 1 ? timeCalls(() => call(params), ms) : countCalls(() => call(params), inFlight, ms)
}

async function timeCalls(call: () => Promise<unknown>, ms: number): Promise<number> {
  const times: number[] = []
  const end = performance.now() + ms
  for (let now = performance.now(); now < end || times.length === 0; ) {
    await call()
    const then = now
    now = performance.now()
    times.push(now - then)
  }
  return findMedian(times) * 1000
}

async function countCalls(call: () => Promise<unknown>, inFlight: number, ms: number): Promise<number> {
  let calls = 0
  const started = performance.now()
  const end = started + ms
  const work = async (): Promise<void> => {
    do {
      await call()
      calls++
    } while (performance.now() < end)
  }
  await Promise.all(Array.from({length: inFlight}, work))
  return (calls * 1000) / (performance.now() - started)
}

answerParent(measure, async () => (await subject).stop())
