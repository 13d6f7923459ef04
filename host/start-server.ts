import {mkdir, rm, writeFile} from 'node:fs/promises'
import {basename, join} from 'node:path'
import {watchDropFolder} from './bundle/drop-folder.ts'
import {systemClock} from './clock.ts'
import type {Config} from './config.ts'
import {HostError} from './errors.ts'
import {createHost} from './host.ts'
import {startHttp} from './http/server.ts'
import {createLog, type Log} from './log.ts'
import type {Desk} from './main-server/desk.ts'
import type {SampleCounts} from './main-server/sample-data.ts'
import {createReleasers, type Releasers} from './releasers.ts'
import type {Host} from './types.ts'
import {isHeldBack} from './upgrade/refuse-upgrade.ts'

/** A server that answers: the host behind its socket, and the drop folder watched. */
export interface RunningServer {
  url: string
  /** Where the administrator's token is kept. */
  tokenFile: string
  host: Host
  desk: Desk
  /** What the desk was filled with; null when that was not asked for, or something was on it already. */
  sampleData: SampleCounts | null
  /** Readiness says no, calls finish, processes stop, the socket closes. Idempotent: the same promise each time. */
  stop(): Promise<void>
}

export interface StartOptions {
  /** Fills the desk when nothing is on it. */
  sampleData?: boolean
}

/** Starts everything. Its address is written to `server.json` in the data folder, where the command line finds it. */
export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningServer> {
  const log = createLog(config.logLevel)
  const releasers = createReleasers()
  try {
    return await open(config, {...options, log, releasers})
  } catch (error) {
    await releasers.release()
    throw error
  }
}

interface OpenOptions extends StartOptions {
  log: Log
  releasers: Releasers
}

async function open(config: Config, {log, releasers, sampleData = false}: OpenOptions): Promise<RunningServer> {
  const {dataFolder} = config
  if (sampleData && config.mainServer.kind !== 'desk') {
    throw new HostError('HOST_CONFIG_INVALID', {reason: 'sample data fills the desk, and mainServer.kind is another'})
  }
  const {host, desk} = await createHost({config, log})
  let closeHttp = async (): Promise<void> => {}
  // Released in turn, last first: the socket still answers "not ready" while the host finishes its calls.
  releasers.push(() => closeHttp())
  releasers.push(() => host.stop())
  if (sampleData) host.recordAudit({who: 'serve', action: 'fillSampleData', target: 'desk'})
  const filled = sampleData ? desk.fillSampleData() : null
  const http = await startHttp(host, config.http, log)
  closeHttp = () => http.close()

  const dropFolder = join(dataFolder, 'drop')
  await mkdir(dropFolder, {recursive: true, mode: 0o700})
  const drop = await watchDropFolder(dropFolder, {
    async install(path) {
      try {
        host.recordAudit({who: 'drop folder', action: 'installBundle', target: basename(path)})
        await host.installBundle(path, {by: 'drop folder'})
      } catch (error) {
        if (isHeldBack(error)) {
          log.warn({path, error: String(error)}, 'Staged a bundle from the drop folder')
          return
        }
        log.warn({path, error: String(error)}, 'Refused a bundle from the drop folder')
        throw error
      }
    },
    settleMs: config.bundle.dropSettleMs,
    clock: systemClock,
    onError: error => log.error(error, 'Cannot watch the drop folder'),
  })
  releasers.push(() => drop.close())

  const addressFile = join(dataFolder, 'server.json')
  await writeFile(addressFile, JSON.stringify({url: http.url, pid: process.pid}), {mode: 0o600})
  releasers.push(() => rm(addressFile, {force: true}))
  log.info({url: http.url}, 'Serving')
  return {
    url: http.url,
    tokenFile: join(dataFolder, 'token'),
    host,
    desk,
    sampleData: filled,
    stop: () => releasers.release(),
  }
}
