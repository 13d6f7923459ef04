import {HostError, isHostError} from '../../errors.ts'
import type {Secrets} from '../../registry/secrets.ts'
import type {ExecuteRequest, Execution} from '../../types.ts'
import type {ActionParts} from '../execute-action.ts'
import {describeLimits} from '../limits.ts'
import {type PreparedCall, prepareCall} from '../prepare-call.ts'
import {toWireError} from '../wire-error.ts'
import {acceptRequest, readEntry} from './accept.ts'
import {createKeys} from './keys.ts'
import {type Entry, Pending} from './pending.ts'
import {failEntry, type Ran, runEntry} from './run-entry.ts'

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
  /** Ends one that waits; undefined when there is none of this id. */
  cancel(id: string): Execution | undefined
  /** Resolves when it has ended. */
  whenEnded(id: string): Promise<Execution>
  /** Takes up what was left, and begins. */
  start(): void
  /** Begins nothing any more. */
  stop(): void
  /** Those that wait. */
  readonly size: number
  /** When the oldest of them was accepted, milliseconds since 1970. */
  oldestAt(): number | undefined
}

export interface QueueParts extends ActionParts {
  secrets: Pick<Secrets, 'sealText' | 'openText'>
}

/** The plugin or the registration may be there again. */
const PASSING = ['REGISTRATION_DISABLED', 'CONFIG_INVALID', 'PLUGIN_NOT_FOUND'] as const

type Claim = {entry: Entry; leave: () => void} & ({call: PreparedCall} | {error: HostError})

export function createQueue(parts: QueueParts): ExecutionQueue {
  const {clock, store, config, limits, onError} = parts
  const pending = new Pending()
  const keys = createKeys(parts)
  const listeners: EndListener[] = []
  const waiters = new Map<string, ((execution: Execution) => void)[]>()
  const runParts = {...parts, alongside: recordEnd, isStopping: () => stopped}
  let running = 0
  let started = false
  let stopped = false
  let cancelTimer: (() => void) | undefined

  /** In the transaction of its end. */
  function recordEnd(ended: Execution): void {
    store.queue.remove(ended.execution)
    for (const listener of listeners) listener(ended)?.()
  }

  function tellEnd({execution}: Entry): void {
    for (const tell of waiters.get(execution.execution) ?? []) tell({...execution})
    waiters.delete(execution.execution)
  }

  function pump(): void {
    cancelTimer?.()
    cancelTimer = undefined
    if (!started || stopped) return
    const now = clock.now()
    let turnAt: number | undefined
    const claim = (entry: Entry): Claim | undefined => {
      const claimed = claimEntry(entry, parts)
      if (typeof claimed !== 'number') return claimed
      turnAt = Math.min(turnAt ?? claimed, claimed)
      return undefined
    }
    while (running < config.queueAtOnce) {
      const claimed = pending.take(now, claim)
      if (!claimed) break
      running++
      void run(claimed)
    }
    const dueAt = Math.min(turnAt ?? Number.POSITIVE_INFINITY, pending.nextDue(now) ?? Number.POSITIVE_INFINITY)
    if (dueAt < Number.POSITIVE_INFINITY) cancelTimer = clock.after(Math.max(1, dueAt - now), pump)
  }

  async function run(claimed: Claim): Promise<void> {
    const {entry, leave} = claimed
    try {
      putAway(
        entry,
        'call' in claimed ? await runEntry(entry, claimed.call, runParts) : await refuse(entry, claimed.error),
      )
    } catch (error) {
      onError?.(error)
    } finally {
      running--
      leave()
      pump()
    }
  }

  async function refuse(entry: Entry, error: HostError): Promise<Ran> {
    const isPassing = PASSING.some(code => code === error.code)
    if (isPassing && clock.now() - entry.execution.startedAt < config.queueMaxAgeMs) return {kind: 'wait'}
    await failEntry(entry, error, runParts)
    return {kind: 'ended'}
  }

  function putAway(entry: Entry, ran: Ran): void {
    const {registration} = entry.execution
    if (ran.kind === 'ended') tellEnd(entry)
    if (ran.kind === 'wait') pending.hold(registration, clock.now())
    else pending.unhold(registration)
    if (ran.kind === 'retry') entry.dueAt = ran.dueAt
    if (ran.kind === 'wait' || ran.kind === 'retry') pending.add(entry, clock.now())
  }

  limits.onFree(pump)

  return {
    async submit(requests, {alongside} = {}) {
      if (stopped) throw new HostError('HOST_STOPPING')
      const accepted = requests.map(request => {
        const call = prepareCall(request, parts)
        return keys.find(call, request) ?? {...acceptRequest(call, request, parts), call}
      })
      const fresh = accepted.flatMap(each => ('entry' in each ? [each] : []))
      const count = pending.size + running + fresh.length
      if (count > config.queueLimit) throw new HostError('QUEUE_FULL', {count: pending.size + running})
      const executions = accepted.map(each => ('entry' in each ? each.entry.execution : each.execution))
      const written = store.writer.commit(() => {
        for (const {entry, row} of fresh) {
          store.executions.save(entry.execution, entry.request.idempotencyKey)
          store.queue.insert(row)
        }
        alongside?.(executions)
      })
      for (const {entry, call} of fresh) keys.note(call, entry, written)
      await written
      for (const each of accepted) if ('written' in each) await each.written
      for (const {entry} of fresh) pending.add(entry, clock.now())
      pump()
      return executions.map(execution => ({...execution}))
    },
    onEnded: listener => void listeners.push(listener),
    cancel(id) {
      const entry = pending.find(id)
      if (!entry) return undefined
      pending.remove(id)
      const {execution} = entry
      const error = toWireError(new HostError('EXECUTION_CANCELLED', {action: execution.action}))
      const ended = {
        status: 'cancelled',
        error,
        message: error.message,
        endedAt: clock.now(),
        nextAttemptAt: null,
      } as const
      store.commitNow(() => {
        store.executions.save({...execution, ...ended}, entry.request.idempotencyKey)
        recordEnd({...execution, ...ended})
      })
      Object.assign(execution, ended)
      parts.onFinished?.(execution)
      tellEnd(entry)
      return {...execution}
    },
    whenEnded: id =>
      new Promise(resolve => {
        waiters.set(id, [...(waiters.get(id) ?? []), resolve])
      }),
    start() {
      for (const entry of recover(parts)) pending.add(entry, clock.now())
      started = true
      pump()
    },
    stop() {
      stopped = true
      cancelTimer?.()
    },
    get size() {
      return pending.size
    },
    oldestAt: () => {
      const [oldest] = pending.list()
      return oldest?.execution.startedAt
    },
  }
}

/** A time when it may be tried again for what its limits hold back; undefined when that is no matter of time. */
function claimEntry(entry: Entry, parts: QueueParts): Claim | number | undefined {
  const {limits} = parts
  try {
    const call = prepareCall(entry.request, parts)
    const wanted = describeLimits(call)
    if (!wanted) return {entry, call, leave: () => {}}
    const leave = limits.tryEnter(wanted)
    return leave ? {entry, call, leave} : limits.nextTurn(wanted)
  } catch (error) {
    if (!isHostError(error)) throw error
    return {entry, error, leave: () => {}}
  }
}

/** What a server before this one has accepted and not ended. */
function recover({store, secrets, onError}: QueueParts): Entry[] {
  return store.queue.list().flatMap(row => {
    const execution = store.executions.find(row.execution)
    if (execution && execution.endedAt === null) {
      try {
        const entry = readEntry(execution, row, {secrets})
        if (execution.status !== 'retrying') execution.status = 'queued'
        return [entry]
      } catch (error) {
        onError?.(error)
        return []
      }
    }
    store.commitNow(() => store.queue.remove(row.execution))
    return []
  })
}
