import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import type {LaunchSpec} from '../../host/process/types.ts'
import {METHODS} from '../../runtime/protocol.ts'
import {startRawPipe} from './calls/raw-pipe.ts'
import {makeParams} from './calls/subject.ts'
import type {Plan} from './plan.ts'
import {type Memory, readMemory} from './read-memory.ts'
import {describeReference, judge, type Result, type Series} from './result.ts'
import {createPluginStarter, type PluginStarter} from './start-plugins.ts'

const IDLE = join(import.meta.dirname, 'calls/children/idle.cjs')

interface Reading {
  /** After the first answer. */
  first: Memory
  /** After many. */
  loaded: Memory
}

/** (e) Memory of a plugin process after its first answer, against a bare `node` that waits; after many, against the raw pipe's child. */
export async function measureMemory(
  {rounds, calls}: Plan['memory'],
  {spec, folder}: {spec: LaunchSpec; folder: string},
): Promise<Result[]> {
  const starter = createPluginStarter(folder)
  const readings: {plugin: Reading; bare: Memory; raw: Reading}[] = []
  try {
    for (let round = 0; round < rounds; round++) {
      readings.push({
        plugin: await readPlugin(starter, spec, calls),
        bare: await readBare(),
        raw: await readRawPipe(calls),
      })
    }
  } finally {
    await starter.close()
  }
  return (['resident', 'shared'] as const).flatMap(kind => {
    const series = (name: string, read: (reading: (typeof readings)[number]) => Memory): Series => ({
      name,
      values: readings.map(reading => read(reading)[kind]),
    })
    const bare = series('bareNode', reading => reading.bare)
    const raw = series('rawPipe', reading => reading.raw.loaded)
    const first = series('plugin', reading => reading.plugin.first)
    const loaded = series('plugin', reading => reading.plugin.loaded)
    const [id, unit] = [`memory.${kind}`, 'MiB']
    return [
      judge({id: `${id}.bareNode`, unit, own: first, against: bare, ...(kind === 'resident' && {bar: {atMost: 1.1}})}),
      judge({id: `${id}.loaded.rawPipe`, unit, own: loaded, against: raw}),
      describeReference(`${id}.of.bareNode`, unit, bare),
      describeReference(`${id}.loaded.of.rawPipe`, unit, raw),
    ]
  })
}

async function readPlugin(starter: PluginStarter, spec: LaunchSpec, calls: number): Promise<Reading> {
  const plugin = await starter.start(spec)
  const params = makeParams(150)
  try {
    return await readAround(plugin.pid, () => plugin.call(METHODS.execute, params), calls)
  } finally {
    plugin.end('stopped', 'measured')
    await plugin.gone
  }
}

async function readRawPipe(calls: number): Promise<Reading> {
  const pipe = await startRawPipe()
  const params = makeParams(150)
  try {
    return await readAround(pipe.pid, () => pipe.call(params), calls)
  } finally {
    await pipe.stop()
  }
}

async function readAround(pid: number, call: () => Promise<unknown>, calls: number): Promise<Reading> {
  await call()
  const first = await readMemory(pid)
  for (let made = 1; made < calls; made++) await call()
  return {first, loaded: await readMemory(pid)}
}

async function readBare(): Promise<Memory> {
  const child = spawn(process.execPath, [IDLE], {stdio: ['ignore', 'pipe', 'inherit']})
  await once(child.stdout, 'data')
  try {
    return await readMemory(child.pid ?? 0)
  } finally {
    child.stdout.resume()
    child.kill('SIGKILL')
    await once(child, 'close')
  }
}
