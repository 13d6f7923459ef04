import {Option} from 'commander'
import type {Outcome} from '../../host/index.ts'
import type {Mode} from '../../runtime/protocol.ts'
import {createClient, joinPath} from '../client.ts'
import {describeOutcome} from '../describe-outcome.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {parseCount} from '../parse-number.ts'
import {readJson} from '../read-json.ts'
import type {Verb} from '../verb.ts'

interface Options extends ServerOptions {
  input: string
  mode?: Mode
  deadline?: number
}

/** `execute <registration> <action>` */
export const execute: Verb<[registration: string, action: string], Options> = {
  declare: command =>
    declareServer(
      command
        .argument('<registration>', 'its id')
        .argument('<action>', 'the action’s name')
        .option('-i, --input <json>', 'the input: JSON, @file, or - for stdin', '{}')
        .addOption(new Option('--mode <mode>', 'dryRun shows what would be done').choices(['live', 'dryRun', 'test']))
        .option('--deadline <ms>', 'give up after this many milliseconds', parseCount),
    ),

  async run({arguments: [registration, action], options, print, signal}) {
    const input = await readJson(options.input, '--input')
    const client = await createClient(options)
    const path = joinPath('v1', 'registrations', registration, 'actions', action, 'execute')
    const json = {input, mode: options.mode, deadlineMs: options.deadline}
    print.progress(`executing ${action}`)
    const outcome = await client.request<Outcome>('POST', path, {json, signal})
    return {data: outcome, text: describeOutcome(outcome), exitCode: outcome.status === 'succeeded' ? 0 : 1}
  },
}
