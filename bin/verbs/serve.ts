import {once} from 'node:events'
import {resolve} from 'node:path'
import type {RunningServer} from '../../host/index.ts'
import {parseCount} from '../parse-number.ts'
import type {Verb} from '../verb.ts'

interface Options {
  port?: number
  host?: string
  data?: string
  config?: string
  sampleData?: boolean
}

/** `serve` */
export const serve: Verb<[], Options> = {
  declare: command =>
    command
      .option('-p, --port <port>', 'TCP port (default: 5050); 0 takes a free one', parseCount)
      .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
      .option('--data <folder>', 'folder of everything the server keeps (default: PLUGIN_HOST_DATA, else ./data)')
      .option('--config <file>', 'JSON file of settings')
      .option('--sample-data', 'fill the built-in desk with people, requests and assets, if it is empty'),

  async run({options, print, signal}) {
    const {loadConfig, startServer} = await import('../../host/index.ts')
    const config = loadConfig(composeSettings(options), process.env, options.config)
    const server = await startServer(config, {sampleData: options.sampleData ?? false})
    const token = resolve(server.tokenFile)
    print.document({url: server.url, token, pid: process.pid}, {compact: true})
    print.note(`Listening on ${server.url}\nThe token is in ${token}`)
    if (options.sampleData) print.note(describeSampleData(server.sampleData))
    if (!signal.aborted) await once(signal, 'abort')
    print.note('Stopping: waiting for what is running')
    await server.stop()
    return undefined
  },
}

function composeSettings({port, host, data}: Options): {
  dataFolder?: string
  http?: {port?: number; host?: string}
} {
  return {
    ...(data !== undefined && {dataFolder: data}),
    http: {...(port !== undefined && {port}), ...(host !== undefined && {host})},
  }
}

function describeSampleData(filled: RunningServer['sampleData']): string {
  if (!filled) return 'The desk has records already: no sample data was added'
  return `The desk has sample data: ${filled.users} users, ${filled.requests} requests, ${filled.assets} assets`
}
