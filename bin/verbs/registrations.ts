import {createClient} from '../client.ts'
import {describeRegistration, describeRegistrations} from '../describe-registration.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import type {Verb} from '../verb.ts'

interface Options extends ServerOptions {
  plugin?: string
}

/** `registrations [id]` */
export const registrations: Verb<[id: string | undefined], Options> = {
  declare: command =>
    declareServer(
      command
        .argument('[id]', 'show this one in full, with what is wrong with its configuration')
        .option('--plugin <id>', 'only those of this plugin'),
    ),

  async run({arguments: [id], options, signal}) {
    const client = await createClient(options)
    if (id !== undefined) {
      const entry = await client.call('getRegistration', {params: {rid: id}, signal})
      return {data: entry, text: describeRegistration(entry)}
    }
    const query = {plugin: options.plugin}
    const {items} = await client.call('listRegistrations', {query, signal})
    return {data: items, text: describeRegistrations(items)}
  },
}
