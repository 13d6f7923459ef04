import {Type} from 'typebox'
import {type ErrorCode, type Execution as ExecutionType, type Host, HostError, type Outcome} from '../api.ts'
import {watchClient} from '../client.ts'
import type {App, Parts} from '../parts.ts'
import {ExecuteBody, ExecuteHeaders, ExecutionQuery} from '../schemas/execution.ts'
import {answer, BODY, refer, refusals} from '../schemas/shape.ts'
import {serveArtifacts} from './artifacts.ts'

const Params = Type.Object({eid: Type.String({minLength: 1, description: 'Execution id'})})
const Execution = refer<ExecutionType>('Execution')
const tags = ['executions']
const DEFAULT_LIMIT = 100
const MAX_KEY_LENGTH = 255

/** Why an action was not even begun. */
const NOT_BEGUN: ErrorCode[] = [
  'REGISTRATION_NOT_FOUND',
  'REGISTRATION_DISABLED',
  'ACTION_NOT_FOUND',
  'CONFIG_INVALID',
  'INPUT_INVALID',
  'DRY_RUN_UNSUPPORTED',
  'PLUGIN_NOT_RUNNING',
  'PLUGIN_STOPPED',
  'PLUGIN_DISABLED',
  'PLUGIN_PARKED',
  'PLUGIN_BUSY',
  'HOST_STORE_FAILED',
  ...BODY,
]

export function serveExecutions(app: App, {host}: Parts): void {
  serveExecute(app, host)
  serveLookups(app, host)
  serveCancel(app, host)
  serveArtifacts(app, host)
}

/** 200 for whatever was recorded: the outcome itself says whether the action succeeded. */
function serveExecute(app: App, host: Host): void {
  app.post(
    '/v1/registrations/:rid/actions/:action/execute',
    {
      config: {access: 'execute'},
      schema: {
        operationId: 'executeAction',
        summary: 'Execute an action and wait for its outcome; going away cancels it',
        tags,
        params: Type.Object({
          rid: Type.String({minLength: 1, description: 'Registration id'}),
          action: Type.String({minLength: 1, description: 'Name of the action'}),
        }),
        headers: ExecuteHeaders,
        body: ExecuteBody,
        response: {200: answer('What it came to', refer<Outcome>('Outcome')), ...refusals(...NOT_BEGUN)},
      },
    },
    (request, reply) => {
      const {params, body, headers, principal} = request
      const {traceparent} = headers
      const idempotencyKey = readIdempotencyKey(headers['idempotency-key'])
      return host.execute({
        registration: params.rid,
        action: params.action,
        input: body.input === undefined ? {} : body.input,
        signal: watchClient(reply),
        ...(body.mode !== undefined && {mode: body.mode}),
        ...(body.deadlineMs !== undefined && {deadlineMs: body.deadlineMs}),
        ...(principal !== undefined && {by: principal.name}),
        ...(idempotencyKey !== undefined && {idempotencyKey}),
        ...(isTraceparent(traceparent) && {trace: {traceparent}}),
      })
    },
  )
}

function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined || (header.length > 0 && header.length <= MAX_KEY_LENGTH)) return header
  const reason = `its header Idempotency-Key must have 1 to ${MAX_KEY_LENGTH} characters`
  throw new HostError('REQUEST_INVALID', {reason})
}

/** One that is malformed is ignored, as its standard wants: tracing must not break calls. */
function isTraceparent(header: string | undefined): header is string {
  return header !== undefined && /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/.test(header)
}

function serveLookups(app: App, host: Host): void {
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
        summary: 'One execution: who asked, input, outcome',
        tags,
        params: Params,
        response: {200: answer('The execution', Execution), ...refusals('EXECUTION_NOT_FOUND')},
      },
    },
    request => host.getExecution(request.params.eid),
  )
}

function serveCancel(app: App, host: Host): void {
  app.post(
    '/v1/executions/:eid/cancel',
    {
      config: {access: 'execute'},
      schema: {
        operationId: 'cancelExecution',
        summary: 'Cancel a running execution; one that has ended stays as it is',
        tags,
        params: Params,
        response: {
          200: answer('As it is now', Execution),
          ...refusals('EXECUTION_NOT_FOUND', 'REQUEST_MEDIA_TYPE'),
        },
      },
    },
    request => host.cancelExecution(request.params.eid),
  )
}
