import type {LogLine} from '../../host/index.ts'
import {type Client, type ClientRequest, createClient} from '../client.ts'
import {describeLogLine} from '../describe-log-line.ts'
import {Failure} from '../failure.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {parseCount} from '../parse-number.ts'
import type {Printer} from '../print.ts'
import {readEvents} from '../read-events.ts'
import type {Verb} from '../verb.ts'

interface Options extends ServerOptions {
  follow?: boolean
  lines?: number
  execution?: string
}

/** `logs <plugin> [-f]` */
export const logs: Verb<[id: string], Options> = {
  declare: command =>
    declareServer(
      command
        .argument('<plugin>', 'the plugin’s id')
        .option('-f, --follow', 'go on with lines as they come; with --json one document a line')
        .option('-n, --lines <count>', 'how many of the newest lines', parseCount)
        .option('--execution <id>', 'only lines of this execution'),
    ),

  async run({arguments: [id], options, print, signal}) {
    const client = await createClient(options)
    const params = {id}
    const query = {lines: options.lines, execution: options.execution}
    if (options.follow) return followLog(client, {params, query, signal}, print)
    const {items} = await client.call('readLogs', {params, query, signal})
    return {data: items, text: items.map(describeLogLine).join('\n')}
  },
}

async function followLog(client: Client, request: ClientRequest<'readLogs'>, print: Printer): Promise<undefined> {
  const body = await client.open('readLogs', {...request, query: {...request.query, follow: true}})
  try {
    for await (const event of readEvents(body)) {
      const line = JSON.parse(event) as LogLine
      print.document(line, {compact: true})
      print.line(describeLogLine(line))
    }
  } catch (error) {
    if (request.signal.aborted) return undefined
    const reason = error instanceof Error ? error.message : String(error)
    throw new Failure('SERVER_UNREACHABLE', `Cannot follow the log any longer: ${reason}`, 'Look at the server')
  }
  print.note('The server has ended the stream')
  return undefined
}
