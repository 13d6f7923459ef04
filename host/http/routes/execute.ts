import type {FastifyReply} from 'fastify'
import {type Static, Type} from 'typebox'
import {
  type ErrorCode,
  type ExecuteRequest,
  type Execution as ExecutionType,
  type Host,
  HostError,
  type MappedRequest,
  type Outcome,
} from '../api.ts'
import {watchClient} from '../client.ts'
import type {App} from '../parts.ts'
import {prefersAsync} from '../prefer.ts'
import {ExecuteBody, ExecuteHeaders} from '../schemas/execute.ts'
import {answer, BODY, refer, refusals} from '../schemas/shape.ts'

const MAX_KEY_LENGTH = 255

/** Why an action was not even begun. */
const NOT_BEGUN: ErrorCode[] = [
  'REGISTRATION_NOT_FOUND',
  'REGISTRATION_DISABLED',
  'ACTION_NOT_FOUND',
  'CONFIG_INVALID',
  'INPUT_INVALID',
  'MAPPING_NOT_FOUND',
  'MAPPING_FAILED',
  'RECORD_NOT_FOUND',
  'MAIN_SERVER_REFUSED',
  'MAIN_SERVER_UNAVAILABLE',
  'DRY_RUN_UNSUPPORTED',
  'PLUGIN_NOT_FOUND',
  'PLUGIN_NOT_RUNNING',
  'PLUGIN_START_FAILED',
  'PLUGIN_STOPPED',
  'PLUGIN_DISABLED',
  'PLUGIN_PARKED',
  'PLUGIN_BUSY',
  'QUEUE_FULL',
  'HOST_STORE_FAILED',
  ...BODY,
]

/** 200 for whatever was recorded: the outcome itself says whether the action succeeded. 202 for what was accepted. */
export function serveExecute(app: App, host: Host): void {
  app.post(
    '/v1/registrations/:rid/actions/:action/execute',
    {
      config: {access: 'execute'},
      schema: {
        operationId: 'executeAction',
        summary: 'Execute an action and wait for its outcome, which going away cancels; or have it accepted for later',
        tags: ['executions'],
        params: Type.Object({
          rid: Type.String({minLength: 1, description: 'Registration id'}),
          action: Type.String({minLength: 1, description: 'Name of the action'}),
        }),
        headers: ExecuteHeaders,
        body: ExecuteBody,
        response: {
          200: answer('What it came to', refer<Outcome>('Outcome')),
          202: answer('Accepted, with `Prefer: respond-async`: it is on the disk', refer<ExecutionType>('Execution')),
          ...refusals(...NOT_BEGUN),
        },
      },
    },
    async (request, reply) => {
      const {params, body, headers, principal} = request
      const {traceparent} = headers
      const idempotencyKey = readIdempotencyKey(headers['idempotency-key'])
      const common = {
        registration: params.rid,
        action: params.action,
        ...(body.mode !== undefined && {mode: body.mode}),
        ...(body.deadlineMs !== undefined && {deadlineMs: body.deadlineMs}),
        ...(principal !== undefined && {by: principal.name}),
        ...(idempotencyKey !== undefined && {idempotencyKey}),
        ...(isTraceparent(traceparent) && {trace: {traceparent}}),
      }
      const whole = readInput(body, common)
      if (prefersAsync(headers.prefer)) return reply.code(202).send(await accept(host, whole, reply))
      const signal = watchClient(reply)
      return isMapped(whole) ? host.executeMapped({...whole, signal}) : host.execute({...whole, signal})
    },
  )
}

/** The input itself, or a mapping and the record it makes one of. */
function readInput(
  {input, mapping, record, old}: Static<typeof ExecuteBody>,
  common: Omit<MappedRequest, 'mapping' | 'record'>,
): ExecuteRequest | MappedRequest {
  const refuse = (reason: string): never => {
    throw new HostError('REQUEST_INVALID', {reason})
  }
  if (mapping === undefined) {
    if (record !== undefined || old !== undefined) refuse('a record needs the mapping that makes an input of it')
    return {...common, input: input === undefined ? {} : input}
  }
  if (input !== undefined) refuse('it has an input and a mapping: send one of the two')
  if (record === undefined) return refuse('a mapping needs the record it makes an input of')
  return {...common, mapping, record, ...(old !== undefined && {old})}
}

function isMapped(request: ExecuteRequest | MappedRequest): request is MappedRequest {
  return typeof request.mapping === 'string'
}

async function accept(
  host: Host,
  request: ExecuteRequest | MappedRequest,
  reply: FastifyReply,
): Promise<ExecutionType> {
  const accepted = isMapped(request) ? await host.submitMapped(request) : await host.submit(request)
  reply.headers({location: `/v1/executions/${accepted.execution}`, 'preference-applied': 'respond-async'})
  return accepted
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
