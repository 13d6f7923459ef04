import {type Client, createClient} from '../client.ts'
import {
  DEAD,
  declareFilter,
  type FilterOptions,
  findExecutions,
  readFilters,
  renderExecutions,
} from '../execution-filter.ts'
import {Failure} from '../failure.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {parseCount} from '../parse-number.ts'
import {renderTable} from '../render-table.ts'
import type {Result, Verb} from '../verb.ts'

type Options = ServerOptions & FilterOptions & {limit: number; yes?: boolean}

/** `retry [executions...]` */
export const retry: Verb<[ids: string[]], Options> = {
  declare: command =>
    declareServer(
      declareFilter(command.argument('[executions...]', 'their ids; or say which by the options'))
        .option('-n, --limit <count>', 'how many of the newest at most', parseCount, 100)
        .option('-y, --yes', 'do it: without ids and without this, only those found are listed'),
    ),

  async run({arguments: [ids], options, signal}) {
    const client = await createClient(options)
    if (ids.length > 0) return retryAll(client, ids, signal)
    const {status} = options
    if (status !== undefined && !DEAD.some(dead => dead === status)) {
      throw new Failure('USAGE', `Cannot retry executions with status ${status}: name one of ${DEAD.join(', ')}`)
    }
    const found = await findExecutions(client, readFilters({...options, dead: true}), {limit: options.limit, signal})
    if (found.length === 0) return {data: {retried: [], refused: []}, text: 'There is none to retry'}
    if (options.yes) {
      const wanted = found.map(({execution}) => execution)
      return retryAll(client, wanted, signal)
    }
    return {
      data: {retried: [], refused: [], found},
      text: `${renderExecutions(found)}\n\nThese would be executed again: say so with --yes`,
    }
  },
}

async function retryAll(client: Client, wanted: string[], signal: AbortSignal): Promise<Result> {
  const answer = await client.call('retryExecutions', {body: {executions: wanted}, signal})
  const rows = [
    ...answer.retried.map(({execution, as}) => [execution, `again as ${as}`]),
    ...answer.refused.map(({execution, reason}) => [execution, `refused: ${reason}`]),
  ]
  const text = renderTable(['EXECUTION', ''], rows, 'There is none to retry')
  return {data: answer, text, exitCode: answer.refused.length > 0 ? 1 : 0}
}
