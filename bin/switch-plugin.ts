import {createClient} from './client.ts'
import {describeState} from './describe-state.ts'
import {declareServer, type ServerOptions} from './find-server.ts'
import type {Verb} from './verb.ts'

/** The verbs that ask one thing of one plugin, and show its state afterwards. */
export function switchPlugin(
  change: 'enablePlugin' | 'disablePlugin' | 'restartPlugin',
): Verb<[id: string], ServerOptions> {
  return {
    declare: command => declareServer(command.argument('<plugin>', 'the plugin’s id')),
    async run({arguments: [id], options, signal}) {
      const client = await createClient(options)
      const plugin = await client.call(change, {params: {id}, signal})
      return {data: plugin, text: `${plugin.id} ${plugin.version ?? ''}: ${describeState(plugin.state)}`}
    },
  }
}
