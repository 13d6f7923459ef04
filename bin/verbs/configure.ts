import type {Registration} from '../../host/index.ts'
import {type Client, createClient} from '../client.ts'
import {type ConfigOptions, composeConfig, declareConfig} from '../compose-config.ts'
import {describeChange} from '../describe-registration.ts'
import {Failure} from '../failure.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import type {Operations} from '../operations.types.ts'
import type {Verb} from '../verb.ts'

interface Options extends ServerOptions, ConfigOptions {
  name?: string
  enable?: boolean
  disable?: boolean
}

/** `configure <registration>` */
export const configure: Verb<[id: string], Options> = {
  declare: command =>
    declareServer(
      declareConfig(
        command
          .argument('<registration>', 'its id')
          .option('--name <name>', 'its new name')
          .option('--enable', 'let it be used')
          .option('--disable', 'let it not be used'),
      ),
    ),

  async run({arguments: [id], options, signal}) {
    if (options.enable && options.disable) {
      throw new Failure('USAGE', 'Cannot both enable and disable a registration')
    }
    const params = {rid: id}
    let client: Client | undefined
    const findClient = async (): Promise<Client> => (client ??= await createClient(options))
    const body = await composeChange(options, async () => {
      const stored = await (await findClient()).call('getRegistration', {params, signal})
      // Secrets are masked in it, which means that they stay what they are.
      return stored.config
    })
    const changed = await (await findClient()).call('updateRegistration', {params, body, signal})
    return {data: changed, text: describeChange(changed, 'changed')}
  },
}

async function composeChange(
  {name, enable, disable, ...options}: Options,
  readStored: () => Promise<Registration['config']>,
): Promise<Operations['updateRegistration']['body']> {
  const change = {
    ...(await composeConfig(options, readStored)),
    ...(name !== undefined && {name}),
    ...((enable || disable) && {enabled: enable === true}),
  }
  if (Object.keys(change).length > 0) return change
  throw new Failure('USAGE', 'Cannot change the registration: nothing to change is given', 'Give --config or --set')
}
