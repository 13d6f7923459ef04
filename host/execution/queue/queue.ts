import {HostError} from '../../errors.ts'
import type {ExecuteRequest, Execution} from '../../types.ts'
import type {ActionParts} from '../execute-action.ts'
import type {Keys} from '../keys.ts'
import {prepareCall} from '../prepare-call.ts'
import {acceptRequests, type Prepared} from './accept.ts'
import {type Claim, createClaims} from './claim-entry.ts'
import {cancelEntry, type EndParts, endEntry} from './end-entry.ts'
import {createEndWaiters} from './end-waiters.ts'
import type {Entry} from './lane.ts'
import {Pending} from './pending.ts'
import {recoverEntries} from './recover.ts'
import {type Ran, runEntry} from './run-entry.ts'

export type EndListener = (execution: Execution) => (() => void) | undefined

/** Executions that were accepted to be run later. They are on the disk until they have ended, whatever happens to the server. */
export interface ExecutionQueue {
  /**
   * Accepts all of them in one synced transaction, together with the writes of `alongside`; or none. Rejects with the HostError that
   * says which is not in order, or QUEUE_FULL. One with a known idempotency key is given back as it is.
   */
  submit(
    requests: readonly ExecuteRequest[],
    options?: {alongside?: (executions: Execution[]) => void},
  ): Promise<Execution[]>
  /** Asked for each that has ended, in the transaction of its end, which the writes it gives back join. */
  onEnded(listener: EndListener): void
  /** Ends one that waits; undefined when there is none of this id. Throws HOST_STORE_FAILED. */
  cancel(id: string): Execution | undefined
  /** Resolves when it has ended; rejects with HOST_STOPPING. */
  whenEnded(id: string): Promise<Execution>
  /** Takes up what was left, and begins. */
  start(): void
  /** Begins nothing any more. */
  stop(): void
  /** Those that wait. */
  readonly size: number
  /** How long the oldest of them has waited, milliseconds; 0 when none does. */
  oldestAgeMs(): number
}

/** The plugin or the registration may be there again. */
const PASSING = ['REGISTRATION_DISABLED', 'CONFIG_INVALID', 'PLUGIN_NOT_FOUND'] as const

export function createQueue(parts: ActionParts & {keys: Keys}): ExecutionQueue {
  const {clock, store, config, limits, keys, onError} = parts
  // One slow registration leaves places for the others.
  const pending = new Pending(Math.max(1, Math.ceil(config.queueAtOnce / 2)))
  const claims = createClaims(parts)
  const waiters = createEndWaiters()
  const listeners: EndListener[] = []
  const endParts: EndParts = {...parts, alongside: recordEnd}
  /** Taken, and not put away yet. */
  const running = new Map<string, Entry>()
  let writing = 0
  let started = false
  let stopped = false
  let cancelTimer: (() => void) | undefined

  /** In the transaction of its end. */
  function recordEnd(ended: Execution): void {
    store.queue.remove(ended.execution)
    for (const listener of listeners) listener(ended)?.()
  }

  function pump(): void {
    if (!started || stopped) return
    const now = clock.now()
    while (running.size < config.queueAtOnce) {
      const claim = pending.take(now, claims.claim)
      if (!claim) break
      running.set(claim.entry.execution.execution, claim.entry)
      void run(claim)
    }
    cancelTimer?.()
    const dueAt = Math.min(
      claims.takeNextTurn() ?? Number.POSITIVE_INFINITY,
      pending.nextDue(now) ?? Number.POSITIVE_INFINITY,
    )
    cancelTimer = dueAt < Number.POSITIVE_INFINITY ? clock.after(Math.max(1, dueAt - now), pump) : undefined
  }

  async function run(claim: Claim): Promise<void> {
    const {entry, leave} = claim
    let ran: Ran = {kind: 'wait'}
    try {
      ran = 'call' in claim ? await runEntry(entry, claim.call, endParts) : await refuse(entry, claim.error)
    } catch (error) {
      onError?.(error)
    }
    running.delete(entry.execution.execution)
    putAway(entry, ran)
    leave()
    pump()
  }

  async function refuse(entry: Entry, error: HostError): Promise<Ran> {
    const isPassing = PASSING.some(code => code === error.code)
    if (isPassing && clock.now() - entry.execution.startedAt < config.queueMaxAgeMs) return {kind: 'wait'}
    await endEntry(entry, error, endParts)
    return {kind: 'ended'}
  }

  function putAway(entry: Entry, ran: Ran): void {
    const {execution, controller} = entry
    pending.finish(execution.registration, clock.now(), ran.kind === 'wait')
    if (ran.kind === 'ended') waiters.tell(execution)
    else if (stopped || ran.kind === 'left') waiters.giveUp(execution.execution)
    else {
      if (ran.kind === 'retry') entry.dueAt = ran.dueAt
      pending.add(entry, clock.now())
      if (controller.aborted) cancelLate(entry)
    }
  }

  /** It was told to end when its attempt was over already. */
  function cancelLate(entry: Entry): void {
    try {
      cancelWaiting(entry)
    } catch (error) {
      // Its turn comes, and then it ends without a call.
      onError?.(error)
    }
  }

  function cancelWaiting(entry: Entry): void {
    cancelEntry(entry, endParts)
    pending.remove(entry.execution.execution)
    waiters.tell(entry.execution)
  }

  /** Those with the same key that run or are being accepted: they have first to be there to be found. */
  function listTwins(prepared: readonly Prepared[]): Promise<unknown>[] {
    return prepared.flatMap(({call, request}): Promise<unknown>[] => {
      const found = keys.findRunning(call, request) ?? keys.findWriting(call, request)
      return found === undefined ? [] : [found]
    })
  }

  limits.onFree(pump)

  return {
    async submit(requests, {alongside} = {}) {
      const prepared = requests.map(request => ({request, call: prepareCall(request, parts)}))
      for (let twins = listTwins(prepared); twins.length > 0; twins = listTwins(prepared))
        await Promise.allSettled(twins)
      if (stopped) throw new HostError('HOST_STOPPING')
      const {executions, fresh} = acceptRequests(prepared, parts)
      const count = pending.size + running.size + writing
      if (fresh.length > 0 && count + fresh.length > config.queueLimit) throw new HostError('QUEUE_FULL', {count})
      const written = store.writer.commit(() => {
        for (const {entry, row} of fresh) {
          store.executions.save(entry.execution, entry.request.idempotencyKey)
          store.queue.insert(row)
        }
        alongside?.(executions)
      })
      for (const {call, request} of fresh) keys.noteWriting(call, request, written)
      writing += fresh.length
      await written.finally(() => {
        writing -= fresh.length
      })
      const accepted = executions.map(execution => ({...execution}))
      for (const {entry} of fresh) pending.add(entry, clock.now())
      pump()
      return accepted
    },
    onEnded: listener => void listeners.push(listener),
    cancel(id) {
      const entry = pending.find(id)
      if (!entry) {
        running.get(id)?.controller.abort(new HostError('EXECUTION_CANCELLED'))
        return undefined
      }
      cancelWaiting(entry)
      return {...entry.execution}
    },
    async whenEnded(id) {
      const found = store.executions.find(id)
      if (found && found.endedAt !== null) return found
      return waiters.wait(id)
    },
    start() {
      for (const {entry, error} of recoverEntries(parts)) {
        if (!error) pending.add(entry, clock.now())
        else endEntry(entry, error, endParts).then(() => waiters.tell(entry.execution), onError)
      }
      started = true
      pump()
    },
    stop() {
      stopped = true
      cancelTimer?.()
      waiters.giveUpAll(id => !running.has(id))
    },
    get size() {
      return pending.size
    },
    oldestAgeMs: () => pending.oldestAgeMs(clock.now()),
  }
}
