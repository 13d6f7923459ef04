import type {Json, JsonObject} from '../runtime/protocol.ts'
import {HostError} from './errors.ts'
import type {Executor} from './execution/executor.ts'
import {explainInput} from './execution/explain-input.ts'
import {parseReference, readRecord, takeRecord} from './execution/read-record.ts'
import type {MainServer} from './main-server/main-server.ts'
import {REDACTED} from './registry/redact.ts'
import {
  type ExecuteRequest,
  type Execution,
  type ExecutionVerbs,
  type MappedRequest,
  type MappingDefinition,
  type MappingSource,
  type Module,
  type OutputRow,
  SECRET_MASK,
} from './types.ts'

/** An input made of a record, and where to go with what comes out. */
export interface PreparedInput {
  action: string
  module: Module
  input: Json
  mapping: {name: string; revision: number}
  output: OutputRow[]
}

export interface ExecutionVerbParts {
  executor: Pick<Executor, 'execute' | 'get'>
  /** Resolves when they are on the disk. */
  submit(requests: ExecuteRequest[]): Promise<Execution[]>
  mainServer: Pick<MainServer, 'get'>
  mappings: {
    prepare(registration: string, name: string, source: MappingSource): Promise<PreparedInput>
    /** Also one that was replaced or removed since. */
    findRevision(
      registration: string,
      name: string,
      revision: number,
    ): Pick<Required<MappingDefinition>, 'rows' | 'output' | 'module'> | undefined
  }
}

type Verbs = Pick<ExecutionVerbs, 'executeMapped' | 'submitMapped' | 'replayExecution' | 'explainInput'>

/** Verbs on executions that come from a mapping, or from an execution before. */
export function createExecutionVerbs({executor, submit, mainServer, mappings}: ExecutionVerbParts): Verbs {
  async function prepare({mapping, record, old, ...request}: MappedRequest): Promise<ExecuteRequest> {
    const found = typeof record === 'string' ? await readRecord(mainServer, record) : undefined
    const source: MappingSource = {
      record: found?.record ?? (record as JsonObject),
      ...(old && {old}),
      user: {name: request.by ?? ''},
    }
    const prepared = await mappings.prepare(request.registration, mapping, source)
    const {module, reference} = found ?? takeRecord(prepared.module, record as JsonObject)
    requireFit(request, prepared, {module, reference})
    const output = reference !== null && describeTarget(reference, prepared.output)
    return {
      ...request,
      input: prepared.input,
      mapping: prepared.mapping,
      ...(reference !== null && {record: reference}),
      ...(output && {output}),
    }
  }

  async function submitOne(request: ExecuteRequest): Promise<Execution> {
    const [execution] = await submit([request])
    if (!execution) throw new HostError('HOST_INTERNAL')
    return execution
  }

  function findDefinition({registration, mapping}: Execution) {
    return mapping ? mappings.findRevision(registration, mapping.name, mapping.revision) : undefined
  }

  return {
    executeMapped: async request => executor.execute(await prepare(request)),
    submitMapped: async request => submitOne(await prepare(request)),
    async replayExecution(id, {mode, by} = {}) {
      const before = executor.get(id)
      requireReplayable(before)
      const {registration, action, input, record, mapping} = before
      const output = record !== null && describeTarget(record, findDefinition(before)?.output ?? [])
      return submitOne({
        registration,
        action,
        input,
        mode: mode ?? before.mode,
        origin: {kind: 'replay', id},
        ...(record !== null && {record}),
        ...(mapping && {mapping}),
        ...(output && {output}),
        ...(by !== undefined && {by}),
      })
    },
    explainInput(id) {
      const execution = executor.get(id)
      return explainInput(execution, findDefinition(execution))
    },
  }
}

function describeTarget(reference: string, rows: OutputRow[]): ExecuteRequest['output'] {
  if (rows.length === 0) return undefined
  const {module, id} = parseReference(reference)
  return {module, record: id, rows}
}

function requireFit(
  {action}: Pick<MappedRequest, 'action'>,
  {action: mapped, module: wanted, mapping, output}: PreparedInput,
  {module, reference}: {module: Module; reference: string | null},
): void {
  const refuse = (state: string): never => {
    throw new HostError('REQUEST_INVALID', {reason: `mapping "${mapping.name}" ${state}`})
  }
  if (mapped !== action) refuse(`is for action "${mapped}", not for "${action}"`)
  if (wanted !== module) refuse(`is for a record of module ${wanted}, not ${module}`)
  if (reference === null && output.length > 0) refuse('writes to the record, and the record given has no id')
}

/** What the plugin is given again must be what it was given before. */
function requireReplayable({execution: id, endedAt, input}: Execution): void {
  const refuse = (reason: string): never => {
    throw new HostError('EXECUTION_NOT_REPLAYABLE', {id, reason})
  }
  if (endedAt === null) refuse('it has not ended')
  const text = JSON.stringify(input) ?? ''
  if (text.includes(SECRET_MASK) || text.includes(REDACTED)) {
    refuse('its input held secrets, which were not kept\nExecute it anew, with the secrets or by its mapping')
  }
}
