import {Type} from 'typebox'
import type {Execution as ExecutionType, ExplainedInput, Host, LogLine} from '../api.ts'
import type {App, Parts} from '../parts.ts'
import {ExecutionParams, ExecutionQuery} from '../schemas/history.ts'
import {answer, listOf, refer, refusals, strict} from '../schemas/shape.ts'
import {serveArtifacts} from './artifacts.ts'
import {serveExecute} from './execute.ts'
import {serveRepeats} from './repeats.ts'

const Execution = refer<ExecutionType>('Execution')
const tags = ['executions']
const DEFAULT_LIMIT = 100
const DEFAULT_LINES = 200

export function serveExecutions(app: App, {host}: Parts): void {
  serveExecute(app, host)
  serveHistory(app, host)
  serveDetails(app, host)
  serveRepeats(app, host)
  serveArtifacts(app, host)
}

function serveHistory(app: App, host: Host): void {
  app.get(
    '/v1/executions',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'listExecutions',
        summary: 'List executions, newest first',
        tags,
        querystring: ExecutionQuery,
        response: {
          200: answer(
            'A page; next is the `before` of the one after it, null when there is none',
            Type.Object({items: Type.Array(Execution), next: Type.Unsafe<string | null>({type: ['string', 'null']})}),
          ),
          ...refusals(),
        },
      },
    },
    request => {
      const limit = request.query.limit ?? DEFAULT_LIMIT
      const items = host.listExecutions({...request.query, limit})
      return {items, next: items.length < limit ? null : (items.at(-1)?.execution ?? null)}
    },
  )
  app.get(
    '/v1/executions/:eid',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'getExecution',
        summary: 'One execution: who asked, input, attempts, outcome, what it changed',
        tags,
        params: ExecutionParams,
        response: {200: answer('The execution', Execution), ...refusals('EXECUTION_NOT_FOUND')},
      },
    },
    request => host.getExecution(request.params.eid),
  )
}

function serveDetails(app: App, host: Host): void {
  app.get(
    '/v1/executions/:eid/input',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'explainInput',
        summary: 'Each parameter: the template it was configured to, and the value that was used',
        tags,
        params: ExecutionParams,
        response: {
          200: answer('The rows', refer<ExplainedInput>('ExplainedInput')),
          ...refusals('EXECUTION_NOT_FOUND'),
        },
      },
    },
    request => host.explainInput(request.params.eid),
  )
  app.get(
    '/v1/executions/:eid/logs',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'readExecutionLogs',
        summary: 'What its plugin logged of it, as far as it is still kept',
        tags,
        params: ExecutionParams,
        querystring: strict({
          lines: Type.Optional(
            Type.Integer({minimum: 1, maximum: 10_000, description: `The newest; ${DEFAULT_LINES} when left out`}),
          ),
        }),
        response: {
          200: answer('Lines, oldest first', listOf(refer<LogLine>('LogLine'))),
          ...refusals('EXECUTION_NOT_FOUND', 'PLUGIN_NOT_FOUND'),
        },
      },
    },
    ({params, query}) => {
      const {plugin, execution} = host.getExecution(params.eid)
      return {items: host.readLogs(plugin, {lines: query.lines ?? DEFAULT_LINES, execution})}
    },
  )
}
