import {mkdir, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {watchDropFolder} from './bundle/drop-folder.ts'
import {systemClock} from './clock.ts'
import type {Config} from './config.ts'
import {createHost} from './host.ts'
import {startHttp} from './http/server.ts'
import {createLog} from './log.ts'
import type {Desk} from './main-server/desk.ts'
import type {Host} from './types.ts'

/** A server that answers: the host behind its socket, and the drop folder watched. */
export interface RunningServer {
  url: string
  /** Where the administrator's token is kept. */
  tokenFile: string
  host: Host
  desk: Desk
  /** Readiness says no, calls finish, processes stop, the socket closes. Idempotent: the same promise each time. */
  stop(): Promise<void>
}

/** Starts everything. Its address is written to `server.json` in the data folder, where the command line finds it. */
export async function startServer(config: Config): Promise<RunningServer> {
  const log = createLog(config.logLevel)
  const {host, desk} = await createHost({config, log})
  const addressFile = join(config.dataFolder, 'server.json')
  try {
    const http = await startHttp(host, config.http, log)
    const dropFolder = join(config.dataFolder, 'drop')
    await mkdir(dropFolder, {recursive: true, mode: 0o700})
    const drop = await watchDropFolder(dropFolder, {
      install: async path => void (await host.installBundle(path, {by: 'drop folder'})),
      settleMs: config.bundle.dropSettleMs,
      clock: systemClock,
      onError: error => log.error(error, 'Cannot watch the drop folder'),
    })
    await writeFile(addressFile, JSON.stringify({url: http.url, pid: process.pid}), {mode: 0o600})
    log.info({url: http.url}, 'Serving')
    let stopping: Promise<void> | undefined
    const stop = async (): Promise<void> => {
      await drop.close()
      await host.stop()
      await http.close()
      await rm(addressFile, {force: true})
    }
    return {url: http.url, tokenFile: join(config.dataFolder, 'token'), host, desk, stop: () => (stopping ??= stop())}
  } catch (error) {
    await host.stop()
    throw error
  }
}
