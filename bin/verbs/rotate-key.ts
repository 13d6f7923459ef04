import {createClient} from '../client.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import type {Verb} from '../verb.ts'

/** `rotate-key` */
export const rotateKey: Verb<[], ServerOptions> = {
  declare: command => declareServer(command),

  async run({options, signal}) {
    const client = await createClient(options)
    const report = await client.call('rotateKey', {signal})
    const text = `${report.rewrapped} secrets are wrapped with a new key: backups from before need the old one`
    return {data: report, text}
  },
}
