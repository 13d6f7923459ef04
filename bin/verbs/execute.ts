import {Option} from 'commander'
import type {JsonObject, Mode} from '../../runtime/protocol.ts'
import {tellAccepted} from '../accepted.ts'
import {createClient} from '../client.ts'
import {describeOutcome} from '../describe-outcome.ts'
import {Failure} from '../failure.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {parseCount} from '../parse-number.ts'
import {readJson, readJsonObject} from '../read-json.ts'
import type {Verb} from '../verb.ts'

interface Options extends ServerOptions {
  input?: string
  record?: string
  mapping?: string
  mode?: Mode
  deadline?: number
  async?: boolean
  wait?: boolean
  key?: string
}

/** `execute <registration> <action>` */
export const execute: Verb<[registration: string, action: string], Options> = {
  declare: command =>
    declareServer(
      command
        .argument('<registration>', 'its id')
        .argument('<action>', 'the action’s name')
        .option('-i, --input <json>', 'the input: JSON, @file, or - for stdin; {} when left out')
        .option('--mapping <name>', 'make the input by this mapping instead, of --record')
        .option('--record <record>', 'request:12, or the record itself: JSON, @file, or - for stdin')
        .addOption(new Option('--mode <mode>', 'dryRun shows what would be done').choices(['live', 'dryRun', 'test']))
        .option('--deadline <ms>', 'give up after this many milliseconds', parseCount)
        .option('--async', 'have it accepted for later: it is run also after a crash of the server')
        .option('--wait', 'with --async: until it has ended')
        .option('--key <key>', 'idempotency key: the same one gives back the first outcome'),
    ),

  async run({arguments: [rid, action], options, print, signal}) {
    const source = await readSource(options)
    const client = await createClient(options)
    const {mode, deadline: deadlineMs, key, async: later = false, wait = false} = options
    const headers = {...(key !== undefined && {'idempotency-key': key}), ...(later && {prefer: 'respond-async'})}
    print.progress(`executing ${action}`)
    const body = {...source, mode, deadlineMs}
    const answer = await client.call('executeAction', {params: {rid, action}, body, headers, signal})
    if ('registration' in answer) return tellAccepted(client, answer, {wait, print, signal})
    return {data: answer, text: describeOutcome(answer), exitCode: answer.status === 'succeeded' ? 0 : 1}
  },
}

async function readSource({input, record, mapping, wait, async: later}: Options) {
  const usage = (message: string): Failure => new Failure('USAGE', `Cannot use these options: ${message}`)
  if ((record === undefined) !== (mapping === undefined)) throw usage('--record and --mapping go together')
  if (wait && !later) throw usage('--wait goes with --async: without it the outcome is waited for anyway')
  if (record === undefined) return {input: await readJson(input ?? '{}', '--input')}
  if (input !== undefined) throw usage('--input and --mapping both say what the input is')
  return {record: await readRecord(record), mapping}
}

async function readRecord(given: string): Promise<string | JsonObject> {
  return given === '-' || /^[{@]/.test(given) ? readJsonObject(given, '--record') : given
}
