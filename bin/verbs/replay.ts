import {Option} from 'commander'
import type {Mode} from '../../runtime/protocol.ts'
import {tellAccepted} from '../accepted.ts'
import {createClient} from '../client.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import type {Verb} from '../verb.ts'

interface Options extends ServerOptions {
  mode?: Mode
  wait?: boolean
}

/** `replay <execution>` */
export const replay: Verb<[id: string], Options> = {
  declare: command =>
    declareServer(
      command
        .argument('<execution>', 'its id')
        .addOption(new Option('--mode <mode>', 'as before when left out').choices(['live', 'dryRun', 'test']))
        .option('--wait', 'until it has ended'),
    ),

  async run({arguments: [eid], options, print, signal}) {
    const client = await createClient(options)
    const body = options.mode === undefined ? {} : {mode: options.mode}
    const accepted = await client.call('replayExecution', {params: {eid}, body, signal})
    return tellAccepted(client, accepted, {wait: options.wait ?? false, print, signal})
  },
}
