import type {Registration} from '../../host/index.ts'
import {createClient} from '../client.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {readJsonObject} from '../read-json.ts'
import type {Verb} from '../verb.ts'

interface Options extends ServerOptions {
  name?: string
  id?: string
  config?: string
}

/** `register <plugin>` */
export const register: Verb<[plugin: string], Options> = {
  declare: command =>
    declareServer(
      command
        .argument('<plugin>', 'the plugin’s id')
        .option('--name <name>', 'name for people (default: the plugin’s id)')
        .option('--id <id>', 'id of the registration (default: made up)')
        .option('--config <json>', 'its configuration: JSON, @file, or - for stdin'),
    ),

  async run({arguments: [plugin], options, signal}) {
    const {id, name = plugin} = options
    const config = options.config === undefined ? undefined : await readJsonObject(options.config, '--config')
    const client = await createClient(options)
    const json = {plugin, name, id, config}
    const made = await client.request<Registration>('POST', '/v1/registrations', {json, signal})
    return {data: made, text: `${made.id}: registered`}
  },
}
