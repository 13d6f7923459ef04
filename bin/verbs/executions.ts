import type {Execution} from '../../host/index.ts'
import {type Client, createClient, joinPath} from '../client.ts'
import {describeOutcome} from '../describe-outcome.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {parseCount} from '../parse-number.ts'
import {renderFacts, renderTable, renderTime} from '../render-table.ts'
import type {Result, Verb} from '../verb.ts'

interface Options extends ServerOptions {
  plugin?: string
  registration?: string
  status?: string
  limit?: number
}

/** `executions [id]` */
export const executions: Verb<[id: string | undefined], Options> = {
  declare: command =>
    declareServer(
      command
        .argument('[id]', 'show this one in full')
        .option('--plugin <id>', 'only those of this plugin')
        .option('--registration <id>', 'only those of this registration')
        .option('--status <status>', 'only those with this status')
        .option('-n, --limit <count>', 'how many of the newest', parseCount, 20),
    ),

  async run({arguments: [id], options, signal}) {
    const client = await createClient(options)
    return id === undefined ? listExecutions(client, options, signal) : showExecution(client, id, signal)
  },
}

async function listExecutions(client: Client, options: Options, signal: AbortSignal): Promise<Result> {
  const {plugin, registration, status, limit} = options
  const query = {plugin, registration, status, limit}
  const {items} = await client.request<{items: Execution[]}>('GET', '/v1/executions', {query, signal})
  const rows = items.map(entry => [
    entry.execution,
    renderTime(entry.startedAt),
    entry.registration,
    entry.action,
    entry.status,
    `${Math.round(entry.durationMs)} ms`,
    entry.error?.code ?? entry.message,
  ])
  const heading = ['EXECUTION', 'STARTED', 'REGISTRATION', 'ACTION', 'STATUS', 'TOOK', '']
  return {data: items, text: renderTable(heading, rows, 'There is none')}
}

async function showExecution(client: Client, id: string, signal: AbortSignal): Promise<Result> {
  const entry = await client.request<Execution>('GET', joinPath('v1', 'executions', id), {signal})
  const facts = renderFacts({
    registration: entry.registration,
    plugin: `${entry.plugin} ${entry.version}`,
    action: `${entry.action} (${entry.mode})`,
    by: entry.by,
    input: JSON.stringify(entry.input),
    started: renderTime(entry.startedAt),
    ended: renderTime(entry.endedAt),
    records: entry.records || undefined,
    artifacts: entry.artifacts.map(({name, bytes}) => `${name} (${bytes} bytes)`).join(', '),
  })
  return {data: entry, text: `${facts}\n\n${describeOutcome(entry)}`}
}
