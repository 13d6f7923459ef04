import {randomBytes} from 'node:crypto'
import {join} from 'node:path'
import {installBundle} from '../bundle/install-bundle.ts'
import {systemClock} from '../clock.ts'
import {loadConfig} from '../config.ts'
import {describeLaunch, findLoader} from '../launch-spec.ts'
import {startGuardian} from '../process/guardian.ts'
import {type OpenWire, openWire} from '../process/open-wire.ts'
import type {LaunchSpec} from '../process/types.ts'
import {buildSource, type PluginSource} from './plugin-source.ts'
import {withThrowAwayFolder} from './throw-away-folder.ts'

export interface PluginWire {
  /** What the process is started with. */
  spec: LaunchSpec
  /** A fresh process each time; all of them are stopped afterwards. */
  start(): Promise<OpenWire>
}

/** Builds and unpacks a plugin into a temporary folder, and starts its processes with nobody at the other end of the wire. */
export function withPluginWire<T>(
  source: PluginSource,
  {signal, onWarning}: {signal: AbortSignal; onWarning?: (text: string) => void},
  run: (wire: PluginWire) => Promise<T>,
): Promise<T> {
  return withThrowAwayFolder(async folder => {
    const {file, warnings} = await buildSource(source, folder, signal)
    for (const warning of warnings) onWarning?.(warning)
    const {bundle, process} = loadConfig()
    const installed = await installBundle(file, {dataFolder: folder, limits: bundle})
    signal.throwIfAborted()
    const spec = describeLaunch({...installed, plugin: installed.id}, folder)
    const hostMark = randomBytes(8).toString('hex')
    const guardian = startGuardian(hostMark)
    const runFolder = join(folder, 'run')
    const parts = {loader: findLoader(), runFolder, hostMark, guardian, clock: systemClock, ...process}
    const wires: OpenWire[] = []
    try {
      return await run({
        spec,
        async start() {
          const wire = await openWire(parts, spec)
          wires.push(wire)
          return wire
        },
      })
    } finally {
      await Promise.all(wires.map(wire => wire.stop()))
      await guardian.close()
    }
  })
}
