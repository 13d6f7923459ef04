import {HostError} from '../../errors.ts'
import type {ScheduleRow} from '../../store/schedules.ts'
import type {ExecuteRequest, Execution, ExecutionStatus} from '../../types.ts'
import {isPassing} from '../is-passing.ts'
import type {WorkflowParts} from '../rules/types.ts'
import type {Due} from './decide-due.ts'

export type ScheduledRunParts = Pick<WorkflowParts, 'clock' | 'store' | 'queue' | 'findExecution' | 'onError'>

/** The executions of schedules: what is noted of a run is on the disk together with its execution. */
export interface ScheduledRuns {
  /** What is due; the schedule's plan has moved on when it resolves. Rejects where trying again later helps. */
  run(row: ScheduleRow, due: Extract<Due, {kind: 'run' | 'missed'}>): Promise<void>
  /** Besides its times. Throws SCHEDULE_REFUSED, and what the queue refuses. */
  runNow(row: ScheduleRow, by: string): Promise<void>
  /** Submits what has waited for the run before. */
  runWaiting(): void
}

/** Who asks for a run at its time. */
const BY = 'schedule'
const OPEN: ReadonlySet<ExecutionStatus> = new Set(['queued', 'running', 'retrying'])

export function createScheduledRuns({clock, store, queue, findExecution, onError}: ScheduledRunParts): ScheduledRuns {
  const submitting = new Set<string>()

  queue.onEnded(execution => {
    if (execution.origin?.kind !== 'schedule') return undefined
    const {id} = execution.origin
    return () => recordEnd(id, execution)
  })

  /** In the transaction of the execution's end. */
  function recordEnd(id: string, {execution, status, message, error}: Execution): void {
    const row = store.schedules.find(id)
    if (row?.lastExecution !== execution) return
    store.schedules.save({...row, lastStatus: status, lastMessage: message || (error?.message ?? '')})
    if (row.waitingAt !== null) queueMicrotask(() => submitWaiting(id))
  }

  /** Of the row as it is by now; a plan that was changed in between stays. */
  function note(seen: ScheduleRow, change: Partial<ScheduleRow>): void {
    const row = store.schedules.find(seen.id)
    if (!row) return
    const {nextAt = row.nextAt, ...rest} = change
    store.schedules.save({...row, ...rest, nextAt: row.updatedAt === seen.updatedAt ? nextAt : row.nextAt})
  }

  function isOpen({lastExecution}: ScheduleRow): boolean {
    const last = lastExecution === null ? undefined : findExecution(lastExecution)
    return last !== undefined && OPEN.has(last.status)
  }

  async function submit(
    row: ScheduleRow,
    request: Partial<ExecuteRequest>,
    change: Partial<ScheduleRow>,
  ): Promise<void> {
    const {id, registration, action, input} = row
    const whole: ExecuteRequest = {registration, action, input, by: BY, origin: {kind: 'schedule', id}, ...request}
    await queue.submit([whole], {
      alongside: ([execution]) => {
        if (!execution) return
        const {execution: lastExecution, status: lastStatus} = execution
        note(row, {...change, lastAt: clock.now(), lastExecution, lastStatus, lastMessage: ''})
      },
    })
  }

  /** The run of a planned time. The key makes it run once, whatever happens to the server in between. */
  async function submitPlanned(row: ScheduleRow, plannedAt: number, change: Partial<ScheduleRow>): Promise<void> {
    try {
      await submit(row, {idempotencyKey: `schedule/${row.id}/${plannedAt}`}, change)
    } catch (error) {
      if (isPassing(error)) throw error
      const {message: lastMessage} = error as Error
      const refused = {...change, lastAt: clock.now(), lastStatus: 'refused' as const, lastMessage}
      await store.writer.commit(() => note(row, refused))
    }
  }

  function submitWaiting(id: string): void {
    const row = store.schedules.find(id)
    if (!row || row.waitingAt === null || submitting.has(id) || isOpen(row)) return
    submitting.add(id)
    submitPlanned(row, row.waitingAt, {waitingAt: null})
      .catch(onError)
      .finally(() => void submitting.delete(id))
  }

  return {
    async run(row, {kind, plannedAt, nextAt}) {
      const plan = {plannedAt, nextAt}
      const skip = (lastMessage: string): Promise<void> =>
        store.writer.commit(() => note(row, {...plan, lastStatus: 'skipped', lastMessage}))
      if (kind === 'missed') return skip('it was missed: the server did not run')
      if (!isOpen(row) && row.waitingAt === null) return submitPlanned(row, plannedAt, plan)
      if (row.overlap === 'skip') return skip('the run before had not ended')
      const waiting = {waitingAt: row.waitingAt ?? plannedAt, lastMessage: 'a run waits for the one before to end'}
      return store.writer.commit(() => note(row, {...plan, ...waiting}))
    },
    async runNow(row, by) {
      if (!isOpen(row)) return submit(row, {by}, {})
      if (row.overlap === 'skip')
        throw new HostError('SCHEDULE_REFUSED', {id: row.id, reason: 'its run before has not ended'})
      await store.writer.commit(() => note(row, {waitingAt: row.waitingAt ?? clock.now()}))
    },
    runWaiting() {
      for (const {id, waitingAt} of store.schedules.list()) if (waitingAt !== null) submitWaiting(id)
    },
  }
}
