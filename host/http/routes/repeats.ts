import type {Static} from 'typebox'
import {type ErrorCode, type ExecutionFilter, type Execution as ExecutionType, type Host, HostError} from '../api.ts'
import type {App} from '../parts.ts'
import {ExecutionParams, ReplayBody, RetryAnswer, RetryBody} from '../schemas/history.ts'
import {answer, BODY, refer, refusals} from '../schemas/shape.ts'

const Execution = refer<ExecutionType>('Execution')
const tags = ['executions']

/** Why it is not accepted again. */
const NOT_ACCEPTED: ErrorCode[] = [
  'EXECUTION_NOT_FOUND',
  'EXECUTION_NOT_REPLAYABLE',
  'REGISTRATION_NOT_FOUND',
  'REGISTRATION_DISABLED',
  'PLUGIN_NOT_FOUND',
  'ACTION_NOT_FOUND',
  'CONFIG_INVALID',
  'INPUT_INVALID',
  'DRY_RUN_UNSUPPORTED',
  'QUEUE_FULL',
  'HOST_STORE_FAILED',
  ...BODY,
]

/** What is done to executions that are there: ended early, or run once more. */
export function serveRepeats(app: App, host: Host): void {
  app.post(
    '/v1/executions/:eid/cancel',
    {
      config: {access: 'operate', audit: false},
      schema: {
        operationId: 'cancelExecution',
        summary: 'Cancel an execution that waits or runs; one that has ended stays as it is',
        tags,
        params: ExecutionParams,
        response: {
          200: answer('As it is now', Execution),
          ...refusals('EXECUTION_NOT_FOUND', 'HOST_STORE_FAILED', 'REQUEST_MEDIA_TYPE'),
        },
      },
    },
    request => host.cancelExecution(request.params.eid),
  )
  app.post(
    '/v1/executions/:eid/replay',
    {
      config: {access: 'operate', audit: false},
      schema: {
        operationId: 'replayExecution',
        summary: 'Execute the same input again, on the version that is active now',
        tags,
        params: ExecutionParams,
        body: ReplayBody,
        response: {202: answer('Accepted: the new execution', Execution), ...refusals(...NOT_ACCEPTED)},
      },
    },
    async ({params, body, principal}, reply) => {
      const accepted = await host.replayExecution(params.eid, {
        by: principal?.name ?? 'http',
        ...(body.mode !== undefined && {mode: body.mode}),
      })
      return reply.code(202).header('location', `/v1/executions/${accepted.execution}`).send(accepted)
    },
  )
  app.post(
    '/v1/executions/retry',
    {
      config: {access: 'operate', audit: false},
      schema: {
        operationId: 'retryExecutions',
        summary: 'Execute those once more that failed, ran out of time, were cancelled or came to nobody knows what',
        tags,
        body: RetryBody,
        response: {
          200: answer('What was accepted, and what not and why', RetryAnswer),
          ...refusals('HOST_STORE_FAILED', ...BODY),
        },
      },
    },
    ({body, principal}) => host.retryExecutions(readChoice(body), principal?.name ?? 'http'),
  )
}

function readChoice({
  executions,
  filter,
}: Static<typeof RetryBody>): {executions: string[]} | {filter: ExecutionFilter} {
  if ((executions === undefined) === (filter === undefined)) {
    throw new HostError('REQUEST_INVALID', {reason: 'it must name either executions or a filter'})
  }
  return executions === undefined ? {filter: {...filter}} : {executions}
}
