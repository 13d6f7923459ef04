import type {ExecuteRequest, Execution} from '../../types.ts'
import type {ActionParts} from '../execute-action.ts'
import type {PreparedCall} from '../prepare-call.ts'
import type {Entry} from './pending.ts'

const HOUR_MS = 3_600_000

/** One that has the same key: it is not accepted again. */
export interface Known {
  execution: Execution
  /** Rejects when the first could not be written. */
  written: Promise<void>
}

export interface Keys {
  find(call: PreparedCall, request: ExecuteRequest): Known | undefined
  /** Until it is on the disk, it is only known here. */
  note(call: PreparedCall, entry: Entry, written: Promise<void>): void
}

/** The same idempotency key for the same registration, action and mode is the same execution. */
export function createKeys({clock, store, config}: Pick<ActionParts, 'clock' | 'store' | 'config'>): Keys {
  const writing = new Map<string, Known>()
  const place = ({registration, name, mode}: PreparedCall, key: string): string =>
    JSON.stringify([registration.id, name, mode, key])
  return {
    find(call, {idempotencyKey: key}) {
      if (key === undefined) return undefined
      const known = writing.get(place(call, key))
      if (known) return known
      const since = clock.now() - config.keyHours * HOUR_MS
      const {registration, name: action, mode} = call
      const execution = store.executions.findByKey({registration: registration.id, action, mode, key, since})
      return execution && {execution, written: Promise.resolve()}
    },
    note(call, {execution, request: {idempotencyKey: key}}, written) {
      if (key === undefined) return
      const at = place(call, key)
      writing.set(at, {execution, written})
      const forget = (): void => void writing.delete(at)
      written.then(forget, forget)
    },
  }
}
