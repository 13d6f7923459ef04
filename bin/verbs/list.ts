import {createClient} from '../client.ts'
import {describeState} from '../describe-state.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {renderBytes, renderTable} from '../render-table.ts'
import type {Verb} from '../verb.ts'

/** `list` */
export const list: Verb<[], ServerOptions> = {
  declare: declareServer,

  async run({options, signal}) {
    const client = await createClient(options)
    const {items} = await client.call('listPlugins', {signal})
    const rows = items.map(({id, version, state, restarts, process}) => [
      id,
      version ?? '(staged)',
      describeState(state),
      restarts,
      process?.rssBytes ? renderBytes(process.rssBytes) : '',
    ])
    const text = renderTable(['PLUGIN', 'VERSION', 'STATE', 'RESTARTS', 'MEMORY'], rows, 'No plugin is installed')
    return {data: items, text}
  },
}
