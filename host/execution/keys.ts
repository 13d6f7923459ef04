import type {ExecuteRequest, Execution, Outcome} from '../types.ts'
import type {PreparedCall} from './prepare-call.ts'
import type {ExecutorParts} from './types.ts'

const HOUR_MS = 3_600_000

/** The same idempotency key for the same registration, action and mode is the same execution. */
export interface Keys {
  /** On the disk. */
  find(call: PreparedCall, request: ExecuteRequest): Execution | undefined
  /** Runs now, while its caller waits. */
  findRunning(call: PreparedCall, request: ExecuteRequest): Promise<Outcome> | undefined
  /** Is being accepted; settles when it can be found, or could not be written. */
  findWriting(call: PreparedCall, request: ExecuteRequest): Promise<void> | undefined
  noteRunning(call: PreparedCall, request: ExecuteRequest, outcome: Promise<Outcome>): void
  noteWriting(call: PreparedCall, request: ExecuteRequest, written: Promise<void>): void
}

export function createKeys({clock, store, config}: Pick<ExecutorParts, 'clock' | 'store' | 'config'>): Keys {
  const running = createOpen<Outcome>()
  const writing = createOpen<void>()
  return {
    find(call, {idempotencyKey: key}) {
      if (key === undefined) return undefined
      const since = clock.now() - config.keyHours * HOUR_MS
      const {registration, name: action, mode} = call
      return store.executions.findByKey({registration: registration.id, action, mode, key, since})
    },
    findRunning: running.find,
    findWriting: writing.find,
    noteRunning: running.note,
    noteWriting: writing.note,
  }
}

/** By key, until they settle. */
function createOpen<T>() {
  const open = new Map<string, Promise<T>>()
  return {
    find: (call: PreparedCall, {idempotencyKey: key}: ExecuteRequest): Promise<T> | undefined =>
      key === undefined ? undefined : open.get(describePlace(call, key)),
    note(call: PreparedCall, {idempotencyKey: key}: ExecuteRequest, work: Promise<T>): void {
      if (key === undefined) return
      const place = describePlace(call, key)
      open.set(place, work)
      const forget = (): void => void (open.get(place) === work && open.delete(place))
      work.then(forget, forget)
    },
  }
}

function describePlace({registration, name, mode}: PreparedCall, key: string): string {
  return JSON.stringify([registration.id, name, mode, key])
}
