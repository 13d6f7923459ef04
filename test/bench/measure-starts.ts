import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import type {LaunchSpec} from '../../host/process/types.ts'
import {METHODS} from '../../runtime/protocol.ts'
import {makeParams} from './calls/subject.ts'
import {describeReference, judge, type Result} from './result.ts'
import {measureInRounds} from './rounds.ts'
import {createPluginStarter, type PluginStarter} from './start-plugins.ts'

const PRINT = join(import.meta.dirname, 'calls/children/print.cjs')

/** (b) From spawn to the first answer of an action, against a bare `node` from spawn to its first byte. Milliseconds. */
export async function measureStarts(
  rounds: number,
  {spec, folder}: {spec: LaunchSpec; folder: string},
): Promise<Result[]> {
  const starter = createPluginStarter(folder)
  try {
    const {plugin, bare} = await measureInRounds({rounds}, {plugin: () => startPlugin(starter, spec), bare: startBare})
    return [
      judge({id: 'start.bareNode', unit: 'ms', own: plugin, against: {...bare, name: 'bareNode'}, bar: {atMost: 1.25}}),
      describeReference('start.of.bareNode', 'ms', bare),
    ]
  } finally {
    await starter.close()
  }
}

async function startPlugin(starter: PluginStarter, spec: LaunchSpec): Promise<number> {
  const params = makeParams(150)
  const started = performance.now()
  const plugin = await starter.start(spec)
  await plugin.call(METHODS.execute, params)
  const took = performance.now() - started
  plugin.end('stopped', 'measured')
  await plugin.gone
  return took
}

async function startBare(): Promise<number> {
  const started = performance.now()
  const child = spawn(process.execPath, [PRINT], {stdio: ['ignore', 'pipe', 'inherit']})
  await once(child.stdout, 'data')
  const took = performance.now() - started
  child.stdout.resume()
  await once(child, 'close')
  return took
}
