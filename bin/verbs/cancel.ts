import {createClient} from '../client.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import type {Verb} from '../verb.ts'

/** `cancel <execution>` */
export const cancel: Verb<[id: string], ServerOptions> = {
  declare: command => declareServer(command.argument('<execution>', 'its id')),

  async run({arguments: [eid], options, signal}) {
    const client = await createClient(options)
    const now = await client.call('cancelExecution', {params: {eid}, signal})
    const {execution, status, endedAt} = now
    const told = endedAt === null ? `asked to end, ${status}` : status
    return {data: now, text: `${execution}: ${told}`}
  },
}
