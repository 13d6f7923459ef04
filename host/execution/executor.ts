import {HostError} from '../errors.ts'
import {LIST_LIMIT} from '../store/executions.ts'
import {matchesFilter, mergeNewest} from '../store/search-executions.ts'
import type {ExecuteRequest, Execution, ExecutionFilter, Outcome} from '../types.ts'
import {ArtifactFiles} from './artifacts.ts'
import {createIdSource} from './create-id.ts'
import {type ActionParts, describeOutcome, executeAction} from './execute-action.ts'
import {createKeys, type Keys} from './keys.ts'
import {createLimits} from './limits.ts'
import {type PreparedCall, prepareCall} from './prepare-call.ts'
import {createQueue, type ExecutionQueue} from './queue/queue.ts'
import {createRecordStaging} from './records.ts'
import {pruneExecutions} from './retention.ts'
import {createRunningExecutions, type RunningExecutions} from './running.ts'
import type {ExecutorParts} from './types.ts'

/** Executions between two looks at how many are kept. */
const PRUNE_EVERY = 1000

/** Runs actions and remembers what they came to. */
export interface Executor {
  readonly queue: ExecutionQueue
  /** Rejects with HostError when the request is not in order or the plugin never saw it; everything else is an outcome. */
  execute(request: ExecuteRequest): Promise<Outcome>
  get(id: string): Execution
  /** What is on the disk of one that has ended, else what is known in memory. */
  find(id: string): Execution | undefined
  /** The newest first, running ones too. */
  list(filter?: ExecutionFilter): Execution[]
  /** Asks it to end; one that has ended stays as it is. */
  cancel(id: string): Execution
  cancelAll(): void
  running(): number
  /** The plugins' `records` request. */
  stageRecords(plugin: string, params: unknown): Promise<{accepted: number}>
  /** The plugins' `artifact` request. */
  appendArtifact(plugin: string, params: unknown): Promise<{bytes: number}>
  getArtifact(execution: string, name: string): {path: string; type: string}
  /** Deletes executions that are too many or too old. */
  prune(): Promise<number>
  /** Removes files that a crash left; once, at the start. */
  sweep(): Promise<void>
}

export function createExecutor(parts: ExecutorParts): Executor {
  const running = createRunningExecutions()
  const {store, clock, config} = parts
  const files = new ArtifactFiles({folder: parts.artifactFolder, store, running, maxBytes: config.artifactBytes})
  const onFinished = createPruning(parts, files)
  const createId = createIdSource(clock.now)
  const actionParts = {...parts, running, files, createId, onFinished, limits: createLimits(clock)}
  const keys = createKeys(parts)
  const queue = createQueue({...actionParts, keys})
  const run = joinKeys(actionParts, keys, queue)
  const stageRecords = createRecordStaging({store, running, redactorFor: parts.redactorFor})

  return {
    queue,
    execute: async request => run(prepareCall(request, parts), request),
    get: id => findExecution(id, running, store),
    find(id) {
      const kept = store.executions.find(id)
      return kept && kept.endedAt !== null ? kept : (running.find(id)?.execution ?? kept)
    },
    list: filter => listExecutions(filter, running, store),
    cancel(id) {
      running.find(id)?.controller.abort(cancelled(running.find(id)?.execution))
      return queue.cancel(id) ?? findExecution(id, running, store)
    },
    cancelAll() {
      const reason = new HostError('EXECUTION_CANCELLED', {stopping: true})
      for (const {execution} of running.list()) running.find(execution)?.controller.abort(reason)
    },
    running: () => running.size,
    stageRecords,
    appendArtifact: (plugin, params) => files.append(plugin, params),
    getArtifact(id, name) {
      findExecution(id, running, store)
      const {path, type} = files.find(id, name)
      return {path, type}
    },
    prune: () => pruneExecutions({clock, store, files, config}),
    sweep: () => files.sweep(),
  }
}

function cancelled(execution: Execution | undefined): HostError {
  return new HostError('EXECUTION_CANCELLED', {action: execution?.action})
}

/** The same key gives back the first outcome, also while the first still waits or runs. */
function joinKeys(
  parts: ActionParts,
  keys: Keys,
  queue: ExecutionQueue,
): (call: PreparedCall, request: ExecuteRequest) => Promise<Outcome> {
  return function run(call, request) {
    if (request.idempotencyKey === undefined) return executeAction(call, request, parts)
    const running = keys.findRunning(call, request)
    if (running !== undefined) return running
    const again = (): Promise<Outcome> => run(call, request)
    const writing = keys.findWriting(call, request)
    if (writing !== undefined) return writing.then(again, again)
    const known = keys.find(call, request)
    if (known?.durable && known.endedAt === null) return queue.whenEnded(known.execution).then(describeOutcome)
    if (known) return Promise.resolve(describeOutcome(known))
    const outcome = executeAction(call, request, parts)
    keys.noteRunning(call, request, outcome)
    return outcome
  }
}

function findExecution(id: string, running: RunningExecutions, store: ExecutorParts['store']): Execution {
  const execution = running.find(id)?.execution ?? store.executions.find(id)
  if (!execution) throw new HostError('EXECUTION_NOT_FOUND', {id})
  return {...execution}
}

function listExecutions(
  filter: ExecutionFilter = {},
  running: RunningExecutions,
  store: ExecutorParts['store'],
): Execution[] {
  const limit = filter.limit ?? LIST_LIMIT
  const now = running.list().filter(execution => matchesFilter(execution, filter))
  const ended = store.executions.list({...filter, limit}).filter(({execution}) => !running.find(execution))
  return mergeNewest([...now.map(execution => ({...execution})), ...ended], limit)
}

function createPruning(parts: ExecutorParts, files: ArtifactFiles) {
  let finished = 0
  return (execution: Execution): void => {
    parts.onFinished?.(execution)
    if (++finished % PRUNE_EVERY > 0) return
    pruneExecutions({...parts, files}).catch(error => parts.onError?.(error))
  }
}
