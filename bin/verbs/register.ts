import {createClient} from '../client.ts'
import {type ConfigOptions, composeConfig, declareConfig} from '../compose-config.ts'
import {describeChange} from '../describe-registration.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import type {Verb} from '../verb.ts'

interface Options extends ServerOptions, ConfigOptions {
  name?: string
  id?: string
}

/** `register <plugin>` */
export const register: Verb<[plugin: string], Options> = {
  declare: command =>
    declareServer(
      declareConfig(
        command
          .argument('<plugin>', 'the plugin’s id')
          .option('--name <name>', 'name for people (default: the plugin’s id)')
          .option('--id <id>', 'id of the registration (default: made up)'),
      ),
    ),

  async run({arguments: [plugin], options, signal}) {
    const {id, name = plugin} = options
    const body = {plugin, name, id, ...(await composeConfig(options, async () => ({})))}
    const client = await createClient(options)
    const made = await client.call('createRegistration', {body, signal})
    return {data: made, text: describeChange(made, 'registered')}
  },
}
