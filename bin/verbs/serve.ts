import {once} from 'node:events'
import {resolve} from 'node:path'
import {parseCount} from '../parse-number.ts'
import type {Verb} from '../verb.ts'

interface Options {
  port?: number
  host?: string
  data?: string
  config?: string
}

/** `serve` */
export const serve: Verb<[], Options> = {
  declare: command =>
    command
      .option('-p, --port <port>', 'TCP port (default: 5050); 0 takes a free one', parseCount)
      .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
      .option('--data <folder>', 'folder of everything the server keeps (default: PLUGIN_HOST_DATA, else ./data)')
      .option('--config <file>', 'JSON file of settings'),

  async run({options, print, signal}) {
    const {loadConfig, startServer} = await import('../../host/index.ts')
    const config = loadConfig(composeSettings(options), process.env, options.config)
    const server = await startServer(config)
    const token = resolve(server.tokenFile)
    print.document({url: server.url, token, pid: process.pid}, {compact: true})
    print.note(`Listening on ${server.url}\nThe token is in ${token}`)
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
