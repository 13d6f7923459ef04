/** The HTTP API for programs: every operation of the OpenAPI document by its name, typed. */
import {ApiError, readApiError} from './api-error.ts'
import {
  type AnyRequest,
  type Bytes,
  composeRequest,
  composeUrl,
  type Fetch,
  type FetchAnswer,
  type JsonOperation,
  type OperationRequest,
  type OperationTable,
} from './api-request.ts'
import {type Operations, ROUTES} from './operations.types.ts'

export {ApiError, type ApiProblem} from './api-error.ts'
export type {Bytes, Fetch, FetchAnswer, FetchRequest, JsonOperation, OperationRequest, Upload} from './api-request.ts'
export type {Operations} from './operations.types.ts'

export interface ApiOptions {
  /** Where the server is, `http://127.0.0.1:5050`. */
  url: string | URL
  /** Bearer token. */
  token?: string
  /**
   * Sends the requests; JavaScript's own when left out, which gives up on an answer after five minutes. Whatever it rejects with
   * goes to the caller.
   */
  fetch?: Fetch
}

/** A server by its HTTP. Every refusal is thrown as an ApiError. */
export interface ApiClient<Table extends OperationTable<Table> = Operations> {
  readonly url: URL
  /** The answer's JSON; undefined where there is none. */
  call<Name extends JsonOperation<Table>>(
    name: Name,
    request: OperationRequest<Name, Table>,
  ): Promise<Table[Name]['answer']>
  /** The answer's body as it comes: files, metrics, server-sent events. */
  open<Name extends keyof Table>(name: Name, request: OperationRequest<Name, Table>): Promise<Bytes>
}

export function createApiClient({url, token, fetch: send = globalThis.fetch}: ApiOptions): ApiClient {
  const server = new URL(url)
  async function ask(name: keyof Operations, given: AnyRequest): Promise<FetchAnswer> {
    const [method, path, body]: readonly [string, string, 'upload'?] = ROUTES[name]
    const request = composeRequest(method, token, given, body === 'upload')
    const answer = await send(composeUrl(server, path, given), request)
    if (answer.status >= 200 && answer.status <= 299) return answer
    throw readApiError(await answer.text().catch(() => ''), answer, server)
  }
  return {
    url: server,
    call: async (name, given) => {
      const answer = await ask(name, given)
      return parseAnswer(await answer.text(), answer, server) as Operations[typeof name]['answer']
    },
    open: async (name, given) => (await ask(name, given)).body ?? nothing(),
  }
}

function parseAnswer(text: string, {status}: FetchAnswer, {origin}: URL): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError('SERVER_REFUSED', `Cannot read the answer of ${origin}: it is not JSON`, {status})
  }
}

async function* nothing(): Bytes {}
