import type {LogLine} from '../../host/index.ts'
import {type Client, createClient, joinPath, type RequestOptions} from '../client.ts'
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
    const path = joinPath('v1', 'plugins', id, 'logs')
    const query = {lines: options.lines, execution: options.execution}
    if (options.follow) return followLog(client, path, {query, print, signal})
    const {items} = await client.request<{items: LogLine[]}>('GET', path, {query, signal})
    return {data: items, text: items.map(describeLogLine).join('\n')}
  },
}

async function followLog(
  client: Client,
  path: string,
  {query, print, signal}: {query: RequestOptions['query']; print: Printer; signal: AbortSignal},
): Promise<undefined> {
  const body = await client.open(path, {query: {...query, follow: true}, signal})
  try {
    for await (const event of readEvents(body)) {
      const line = JSON.parse(event) as LogLine
      print.document(line, {compact: true})
      print.line(describeLogLine(line))
    }
  } catch (error) {
    if (signal.aborted) return undefined
    const reason = error instanceof Error ? error.message : String(error)
    throw new Failure('SERVER_UNREACHABLE', `Cannot follow the log any longer: ${reason}`, 'Look at the server')
  }
  print.note('The server has ended the stream')
  return undefined
}
