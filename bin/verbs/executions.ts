import {type Client, createClient} from '../client.ts'
import {describeExecution} from '../describe-execution.ts'
import {declareFilter, type FilterOptions, findExecutions, readFilters, renderExecutions} from '../execution-filter.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {parseCount} from '../parse-number.ts'
import type {Result, Verb} from '../verb.ts'

type Options = ServerOptions & FilterOptions & {limit: number}

/** `executions [id]` */
export const executions: Verb<[id: string | undefined], Options> = {
  declare: command =>
    declareServer(
      declareFilter(command.argument('[id]', 'show this one in full')).option(
        '-n, --limit <count>',
        'how many of the newest',
        parseCount,
        20,
      ),
    ),

  async run({arguments: [id], options, signal}) {
    const client = await createClient(options)
    if (id !== undefined) return showExecution(client, id, signal)
    const found = await findExecutions(client, readFilters(options), {limit: options.limit, signal})
    return {data: found, text: renderExecutions(found)}
  },
}

async function showExecution(client: Client, eid: string, signal: AbortSignal): Promise<Result> {
  const entry = await client.call('getExecution', {params: {eid}, signal})
  const explained = await client.call('explainInput', {params: {eid}, signal})
  return {data: {...entry, explained}, text: describeExecution(entry, explained)}
}
