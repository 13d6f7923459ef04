/** What an author's code is handed: the call, with its parts made only when they are used. */
import type {Connection, Serving} from './connection.ts'
import {ask, createHostApi, createLog} from './host-api.ts'
import {type ExecuteParams, type JsonObject, METHODS, type Progress} from './protocol.ts'
import type {Call, Context, HostApi, Log} from './sdk.ts'

/** Records in one message, and bytes of an artifact in one message: well below the frame limit. */
const RECORDS_AT_ONCE = 500
const ARTIFACT_PART_BYTES = 1024 * 1024

const hostApis = new WeakMap<Connection, HostApi>()
function hostApi(connection: Connection): HostApi {
  const known = hostApis.get(connection) ?? createHostApi(connection)
  hostApis.set(connection, known)
  return known
}

export function createContext(
  connection: Connection,
  params: {registration: string; deadline: number},
  config: JsonObject,
  serving: Serving,
): Context<JsonObject> {
  return {
    registration: params.registration,
    config,
    deadline: new Date(params.deadline),
    log: createLog(connection),
    host: hostApi(connection),
    get signal() {
      return serving.signal
    },
  }
}

type ArtifactFile = Parameters<Call<JsonObject, unknown>['artifact']>[0]

class ExecuteCall implements Call<JsonObject, unknown> {
  readonly #connection: Connection
  readonly #params: ExecuteParams
  readonly #serving: Serving
  readonly config: JsonObject
  #log: Log | undefined

  constructor(connection: Connection, params: ExecuteParams, config: JsonObject, serving: Serving) {
    this.#connection = connection
    this.#params = params
    this.#serving = serving
    this.config = config
  }

  get execution() {
    return this.#params.execution
  }
  get registration() {
    return this.#params.registration
  }
  get input() {
    return this.#params.input
  }
  get mode() {
    return this.#params.mode
  }
  get dryRun() {
    return this.#params.mode === 'dryRun'
  }
  get attempt() {
    return this.#params.attempt
  }
  get idempotencyKey() {
    return this.#params.idempotencyKey
  }
  get trace() {
    return this.#params.trace
  }
  get deadline() {
    return new Date(this.#params.deadline)
  }
  get signal() {
    return this.#serving.signal
  }
  get host() {
    return hostApi(this.#connection)
  }
  get log() {
    this.#log ??= createLog(this.#connection, this.execution)
    return this.#log
  }

  // Functions of their own, made when asked for: authors take them out of the call (`const {progress} = call`).
  get progress() {
    return (value: Progress): void => this.#connection.notify(METHODS.progress, {token: this.execution, value})
  }
  get records() {
    return (records: readonly object[]): Promise<void> => sendRecords(this.#connection, this.execution, records)
  }
  get artifact() {
    return (file: ArtifactFile): Promise<void> => sendArtifact(this.#connection, this.execution, file)
  }
}

async function sendRecords(connection: Connection, execution: string, records: readonly object[]): Promise<void> {
  for (let start = 0; start < records.length; start += RECORDS_AT_ONCE)
    await ask(connection, METHODS.records, {execution, records: records.slice(start, start + RECORDS_AT_ONCE)})
}

async function sendArtifact(
  connection: Connection,
  execution: string,
  {name, type, data}: ArtifactFile,
): Promise<void> {
  const send = (part: Buffer, last: boolean): Promise<unknown> =>
    ask(connection, METHODS.artifact, {execution, name, type, data: part.toString('base64'), last})
  const source = typeof data === 'string' || data instanceof Uint8Array ? [data] : data
  for await (const chunk of source) {
    const bytes = Buffer.from(chunk as Uint8Array)
    for (let start = 0; start < bytes.length; start += ARTIFACT_PART_BYTES)
      await send(bytes.subarray(start, start + ARTIFACT_PART_BYTES), false)
  }
  await send(Buffer.alloc(0), true)
}

export function createExecuteCall(
  connection: Connection,
  params: ExecuteParams,
  config: JsonObject,
  serving: Serving,
): Call<JsonObject, unknown> {
  return new ExecuteCall(connection, params, config, serving)
}
