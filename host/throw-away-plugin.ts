import {setImmediate} from 'node:timers/promises'
import type {JsonObject} from '../runtime/protocol.ts'
import {buildSource, type PluginSource} from './author/plugin-source.ts'
import {withThrowAwayFolder} from './author/throw-away-folder.ts'
import {loadConfig} from './config.ts'
import {createHost, type HostOptions, type OpenedHost} from './host.ts'
import {createLog} from './log.ts'
import {needsConfiguration} from './manifest.ts'
import {orAbort} from './or-abort.ts'
import type {Host, LogLine} from './types.ts'

export interface ThrowAwayOptions extends Pick<HostOptions, 'onTrace' | 'inspect'> {
  /** Of the plugin's one registration. */
  config?: JsonObject | undefined
  /** Warnings of the build. */
  onWarning?: (text: string) => void
  /** Lines of the plugin's log as they come, secrets taken out. */
  onLog?: (line: LogLine) => void
  /** Ends a build or a start that goes on. */
  signal: AbortSignal
}

/** A plugin in a host of its own, which has one request and one asset, both with the id 1. */
export interface ThrowAwayPlugin extends OpenedHost {
  id: string
  /** Id of the registration; null when the plugin requires a configuration and none was given. */
  registration: string | null
}

/** An author waits for the end: what does not stop is ended soon. */
const PROCESS = {drainMs: 1000, terminateMs: 1000}
const STOP_MS = 3000

/**
 * Builds the plugin (a folder), installs it into a temporary data folder and starts it in a real host, so that what is
 * asked of it goes the way it goes in a server. Everything is gone afterwards.
 */
export function withThrowAwayPlugin<T>(
  source: PluginSource,
  options: ThrowAwayOptions,
  run: (plugin: ThrowAwayPlugin) => Promise<T>,
): Promise<T> {
  return withThrowAwayFolder(async folder => {
    const {signal, onTrace, inspect} = options
    const {file, warnings} = await buildSource(source, folder, signal)
    for (const warning of warnings) options.onWarning?.(warning)
    signal.throwIfAborted()
    const config = loadConfig({dataFolder: `${folder}/data`, process: PROCESS, stopTimeoutMs: STOP_MS})
    const log = createLog('silent')
    const opened = await createHost({config, log, ...(onTrace && {onTrace}), ...(inspect && {inspect})})
    const following = new AbortController()
    let followed: Promise<void> | undefined
    try {
      const {id, version} = await opened.host.installBundle(file, {activate: false})
      followed = followLog(opened.host, id, options.onLog, following.signal)
      const registration = await prepare(opened, source, id, options)
      signal.throwIfAborted()
      await orAbort(opened.host.activatePlugin(id, version), signal)
      return await run({...opened, id, registration})
    } finally {
      await opened.host.stop()
      // The last lines have been handed to the follower; now it passes them on.
      await setImmediate()
      following.abort()
      await followed
    }
  })
}

/** Before the start, so that the first process already has its configuration. Throws CONFIG_INVALID. */
async function prepare(
  {host, desk}: OpenedHost,
  {manifest}: PluginSource,
  id: string,
  {config}: ThrowAwayOptions,
): Promise<string | null> {
  desk.createRequest({subject: 'A request to try plugins on'})
  const context = {execution: 'none', plugin: 'desk', by: 'desk'}
  await desk.applyEffect({op: 'asset.upsert', asset: {name: 'An asset to try plugins on'}}, context)
  if (config === undefined && needsConfiguration(manifest)) return null
  return (await host.createRegistration({plugin: id, id, name: manifest.name, config: config ?? {}})).id
}

async function followLog(host: Host, id: string, onLog: ThrowAwayOptions['onLog'], signal: AbortSignal): Promise<void> {
  if (onLog) for await (const line of host.followLogs(id, {signal})) onLog(line)
}
