import {InvalidArgumentError} from 'commander'
import {withConsent} from '../ask-consent.ts'
import {createClient} from '../client.ts'
import {describeRehearsal, describeUpgrade} from '../describe-upgrade.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {parseCount} from '../parse-number.ts'
import type {Verb} from '../verb.ts'

interface Options extends ServerOptions {
  preview?: boolean
  rehearse?: number
  consent?: boolean
  force?: boolean
}

const MOST_REHEARSED = 100

/** `activate <plugin> <version>` */
export const activate: Verb<[id: string, version: string], Options> = {
  declare: command =>
    declareServer(
      command
        .argument('<plugin>', 'the plugin’s id')
        .argument('<version>', 'an installed version, newer or older')
        .option('--preview', 'only tell what it would change; exits 1 when something speaks against it')
        .option(
          '--rehearse <n>',
          'run the last n live executions of each action dry on both versions first',
          parseRehearse,
        )
        .option('--consent', 'agree to permissions that grow')
        .option('--force', 'go on although it breaks mappings, rules or configurations, or the rehearsal differs'),
    ),

  async run({arguments: [id, version], options, print, signal}) {
    const {preview, rehearse, consent = false, force} = options
    const client = await createClient(options)
    if (preview) {
      const query = {rehearse}
      const report = await client.call('previewUpgrade', {params: {id, version}, query, signal})
      return {data: report, text: describeUpgrade(report), exitCode: report.ok ? 0 : 1}
    }
    const swap = await withConsent(
      agreed =>
        client.call('activatePlugin', {params: {id}, body: {version, rehearse, force, consent: agreed}, signal}),
      consent,
      print,
    )
    const text = `${swap.plugin}: ${swap.from ?? 'nothing'} -> ${swap.to} in ${Math.round(swap.tookMs)} ms`
    const rehearsal = swap.upgrade?.rehearsal
    return {data: swap, text: rehearsal ? `${text}\n${describeRehearsal(rehearsal)}` : text}
  },
}

function parseRehearse(text: string): number {
  const count = parseCount(text)
  if (count > MOST_REHEARSED) throw new InvalidArgumentError(`it is more than ${MOST_REHEARSED}`)
  return count
}
