import type {Registration} from '../../host/index.ts'
import {createClient, joinPath} from '../client.ts'
import {Failure} from '../failure.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {readJsonObject} from '../read-json.ts'
import type {Verb} from '../verb.ts'

interface Options extends ServerOptions {
  config?: string
  name?: string
  enable?: boolean
  disable?: boolean
}

/** `configure <registration>` */
export const configure: Verb<[id: string], Options> = {
  declare: command =>
    declareServer(
      command
        .argument('<registration>', 'its id')
        .option('--config <json>', 'the whole new configuration: JSON, @file, or - for stdin')
        .option('--name <name>', 'its new name')
        .option('--enable', 'let it be used')
        .option('--disable', 'let it not be used'),
    ),

  async run({arguments: [id], options, signal}) {
    const change = await composeChange(options)
    const client = await createClient(options)
    const path = joinPath('v1', 'registrations', id)
    const changed = await client.request<Registration>('PATCH', path, {json: change, signal})
    return {data: changed, text: `${changed.id}: changed`}
  },
}

async function composeChange({config, name, enable, disable}: Options): Promise<object> {
  if (enable && disable) throw new Failure('USAGE', 'Cannot both enable and disable a registration')
  const change = {
    ...(config !== undefined && {config: await readJsonObject(config, '--config')}),
    ...(name !== undefined && {name}),
    ...((enable || disable) && {enabled: enable === true}),
  }
  if (Object.keys(change).length > 0) return change
  throw new Failure('USAGE', 'Cannot change the registration: nothing to change is given', 'Give --config or --name')
}
