import {HostError} from '../../errors.ts'
import type {EventRow} from '../../store/events.ts'
import type {EventResult, MainEvent, RuleRun, StoredEvent} from '../../workflow-types.ts'
import {createIdSource} from '../create-id.ts'
import {isPassing} from '../is-passing.ts'
import {parseEvent, requireSame} from './parse-event.ts'
import type {WorkflowParts} from './types.ts'

const LIST_LIMIT = 100

export interface EventsParts extends Pick<WorkflowParts, 'clock' | 'store' | 'onError'> {
  /** Starts the rules that fit; their runs and `alongside` are on the disk together when it resolves. */
  startRules(event: EventRow, alongside: () => void): Promise<RuleRun[]>
  showRun(run: RuleRun): RuleRun
}

/** What the main server tells, kept before it is acted on: a crash in between is made up for at the next start. */
export interface Events {
  /** Joins the transaction it is called in, and does nothing yet. Throws EVENT_INVALID. */
  insert(event: MainEvent, by: string): {id: string; duplicate: boolean}
  /** Starts what the event starts, once: later calls give back the same runs. Throws EVENT_NOT_FOUND. */
  process(id: string): Promise<EventResult>
  /** Both. Resolves when the executions it starts have been accepted. */
  handle(event: MainEvent, by: string): Promise<EventResult>
  get(id: string): StoredEvent
  /** Throws EVENT_NOT_FOUND. */
  find(id: string): EventRow
  list(filter?: {type?: string; limit?: number; before?: string}): StoredEvent[]
  /** Processes what a server before this one, or a main server that did not answer, has left. */
  recover(): Promise<void>
}

export function createEvents({clock, store, startRules, showRun, onError}: EventsParts): Events {
  const createId = createIdSource(clock.now)
  const inFlight = new Map<string, Promise<EventResult>>()

  function insert(event: MainEvent, by: string): {id: string; duplicate: boolean} {
    const parsed = parseEvent(event, {now: clock.now(), by, createId})
    return store.commitNow(() => {
      const first = store.events.find(parsed.id)
      if (first) requireSame(first, parsed)
      else store.events.insert(parsed)
      return {id: parsed.id, duplicate: first !== undefined}
    })
  }

  function find(id: string): EventRow {
    const event = store.events.find(id)
    if (!event) throw new HostError('EVENT_NOT_FOUND', {id})
    return event
  }

  function listRuns(event: string): RuleRun[] {
    return store.ruleRuns.list({event, limit: LIST_LIMIT}).reverse().map(showRun)
  }

  async function start(id: string): Promise<EventResult> {
    const event = find(id)
    if (event.processed) return {event: id, duplicate: true, runs: listRuns(id)}
    const runs = await startRules(event, () => store.events.markProcessed(id))
    return {event: id, duplicate: false, runs}
  }

  function process(id: string): Promise<EventResult> {
    const known = inFlight.get(id)
    if (known !== undefined) return known
    const started = start(id).finally(() => inFlight.delete(id))
    inFlight.set(id, started)
    return started
  }

  function show({processed: _, ...event}: EventRow): StoredEvent {
    return {...event, runs: listRuns(event.id).map(run => run.id)}
  }

  return {
    insert,
    process,
    async handle(event, by) {
      const {id, duplicate} = await insertTogether(() => insert(event, by))
      const isSecond = duplicate && inFlight.has(id)
      const result = await process(id)
      return isSecond ? {...result, duplicate: true} : result
    },
    get: id => show(find(id)),
    find,
    list: ({type = null, before = null, limit = LIST_LIMIT} = {}) => store.events.list({type, before, limit}).map(show),
    async recover() {
      for (const id of store.events.listWaiting()) {
        const error = await process(id).then(
          () => undefined,
          (reason: unknown) => reason,
        )
        if (error === undefined) continue
        onError(error)
        // The others would fail of the same.
        if (isPassing(error)) return
      }
    },
  }

  /** With whatever else is written in this turn of the event loop, under one sync of the disk. */
  async function insertTogether<T>(work: () => T): Promise<T> {
    let result: {value: T} | undefined
    await store.writer.commit(() => {
      result = {value: work()}
    })
    if (!result) throw new HostError('HOST_STORE_FAILED', {reason: 'the event was not written'})
    return result.value
  }
}
