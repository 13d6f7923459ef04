import {createClient} from '../client.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import type {Verb} from '../verb.ts'

/** `remove <plugin>` */
export const remove: Verb<[id: string], ServerOptions> = {
  declare: command => declareServer(command.argument('<plugin>', 'the plugin’s id')),

  async run({arguments: [id], options, signal}) {
    const client = await createClient(options)
    await client.call('removePlugin', {params: {id}, signal})
    return {data: {id, removed: true}, text: `${id}: removed`}
  },
}
