import {createClient} from '../client.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {readJsonObject} from '../read-json.ts'
import {renderTable} from '../render-table.ts'
import type {Verb} from '../verb.ts'

interface Options extends ServerOptions {
  search?: string
  values?: string
}

/** `options <registration> <field>` */
export const options: Verb<[id: string, field: string], Options> = {
  declare: command =>
    declareServer(
      command
        .argument('<registration>', 'its id')
        .argument('<field>', 'a field of the configuration or of an input')
        .option('--search <text>', 'only choices that fit')
        .option('--values <json>', 'what is filled in so far, over what is stored: JSON, @file, or - for stdin'),
    ),

  async run({arguments: [id, field], options: given, signal}) {
    const {search} = given
    const values = given.values === undefined ? undefined : await readJsonObject(given.values, '--values')
    const client = await createClient(given)
    const found = await client.call('listOptions', {
      params: {rid: id, field},
      body: {search, values},
      signal,
    })
    const rows = found.options.map(({value, label}) => [
      typeof value === 'string' ? value : JSON.stringify(value),
      label,
    ])
    const table = renderTable(['VALUE', 'LABEL'], rows, 'There is none')
    return {data: found, text: found.more ? `${table}\nThere are more: narrow them with --search` : table}
  },
}
