import type {SwapReport} from '../../host/index.ts'
import {createClient, joinPath} from '../client.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import type {Verb} from '../verb.ts'

/** `activate <plugin> <version>` */
export const activate: Verb<[id: string, version: string], ServerOptions> = {
  declare: command =>
    declareServer(
      command.argument('<plugin>', 'the plugin’s id').argument('<version>', 'an installed version, newer or older'),
    ),

  async run({arguments: [id, version], options, signal}) {
    const client = await createClient(options)
    const path = joinPath('v1', 'plugins', id, 'activate')
    const swap = await client.request<SwapReport>('POST', path, {json: {version}, signal})
    const text = `${swap.plugin}: ${swap.from ?? 'nothing'} -> ${swap.to} in ${Math.round(swap.tookMs)} ms`
    return {data: swap, text}
  },
}
