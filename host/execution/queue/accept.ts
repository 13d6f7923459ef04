import type {Json, JsonObject} from '../../../runtime/protocol.ts'
import {CallController} from '../../call-signal.ts'
import type {QueueRow} from '../../store/queue.ts'
import type {ExecuteRequest, Execution} from '../../types.ts'
import {createRedaction, describeExecution} from '../begin-execution.ts'
import type {Keys} from '../keys.ts'
import type {PreparedCall} from '../prepare-call.ts'
import type {ExecutorParts} from '../types.ts'
import type {Entry} from './lane.ts'

interface AcceptParts extends Pick<ExecutorParts, 'clock' | 'redactorFor' | 'secrets'> {
  createId: () => string
  keys: Pick<Keys, 'find'>
}

export interface Prepared {
  call: PreparedCall
  request: ExecuteRequest
}

interface Fresh extends Prepared {
  entry: Entry
  row: QueueRow
}

/** What is to be written; the executions in the order of the requests, those with a known idempotency key as they are. */
export function acceptRequests(
  prepared: readonly Prepared[],
  parts: AcceptParts,
): {executions: Execution[]; fresh: Fresh[]} {
  const fresh: Fresh[] = []
  const executions = prepared.map(({call, request}) => {
    const known = parts.keys.find(call, request) ?? fresh.find(each => isTwin(each, {call, request}))?.entry.execution
    if (known) return known
    const accepted = {call, request, ...acceptRequest(call, request, parts)}
    fresh.push(accepted)
    return accepted.entry.execution
  })
  return {executions, fresh}
}

function isTwin(one: Prepared, {call: {registration, name, mode}, request: {idempotencyKey}}: Prepared): boolean {
  const {call, request} = one
  if (idempotencyKey === undefined || request.idempotencyKey !== idempotencyKey) return false
  return call.registration.id === registration.id && call.name === name && call.mode === mode
}

/** A prepared request as what is kept of it: its record, and what it takes to run it later. An input that holds secrets is sealed. */
function acceptRequest(call: PreparedCall, request: ExecuteRequest, parts: AcceptParts): {entry: Entry; row: QueueRow} {
  const id = parts.createId()
  const now = parts.clock.now()
  const execution = describeExecution(call, request, {id, now, durable: true, redact: createRedaction(call, parts)})
  const {deadlineMs, trace, output, idempotencyKey} = request
  const shown = execution.input === call.input
  const kept = {
    ...(deadlineMs !== undefined && {deadlineMs}),
    ...(trace && {trace}),
    ...(output && {output}),
    ...(idempotencyKey !== undefined && {idempotencyKey}),
    ...(!shown && {sealedInput: parts.secrets.sealText(`queue|${id}`, JSON.stringify(call.input))}),
  }
  const row = {execution: id, dueAt: now, started: false, request: kept as unknown as JsonObject}
  return {entry: describeEntry(execution, row, call.input), row}
}

/** One that a server before this one has accepted. Throws HOST_STORE_FAILED when its input does not open. */
export function readEntry(execution: Execution, row: QueueRow, {secrets}: Pick<AcceptParts, 'secrets'>): Entry {
  const {sealedInput} = row.request
  const place = `queue|${row.execution}`
  const input =
    typeof sealedInput === 'string' ? (JSON.parse(secrets.openText(place, sealedInput)) as Json) : execution.input
  return describeEntry(execution, row, input)
}

function describeEntry(execution: Execution, {dueAt, started, request}: QueueRow, input: Json): Entry {
  const {registration, action, mode, by, record, mapping, origin} = execution
  const {sealedInput: _, ...kept} = request
  return {
    execution,
    dueAt,
    started,
    controller: new CallController(),
    request: {
      ...(kept as Partial<ExecuteRequest>),
      registration,
      action,
      input,
      mode,
      by,
      ...(record !== null && {record}),
      ...(mapping && {mapping}),
      ...(origin && {origin}),
    },
  }
}
