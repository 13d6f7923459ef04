import type {Registration} from '../../host/index.ts'
import {createClient} from '../client.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {renderTable} from '../render-table.ts'
import type {Verb} from '../verb.ts'

interface Options extends ServerOptions {
  plugin?: string
}

/** `registrations` */
export const registrations: Verb<[], Options> = {
  declare: command => declareServer(command.option('--plugin <id>', 'only those of this plugin')),

  async run({options, signal}) {
    const client = await createClient(options)
    const query = {plugin: options.plugin}
    const {items} = await client.request<{items: Registration[]}>('GET', '/v1/registrations', {query, signal})
    const rows = items.map(({id, plugin, name, enabled}) => [id, plugin, name, enabled ? 'yes' : 'no'])
    return {data: items, text: renderTable(['REGISTRATION', 'PLUGIN', 'NAME', 'ENABLED'], rows, 'There is none')}
  },
}
