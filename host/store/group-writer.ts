import type {Clock} from '../clock.ts'
import {HostError} from '../errors.ts'
import {isStoreWide, toStoreError} from './statement.ts'
import type {Transactions} from './transactions.ts'

const FLUSH_MS = 50
const FLUSH_ROWS = 500
const RETRY_MS = 1000

export interface GroupWriterOptions {
  clock: Clock
  transactions: Transactions
  onError: (error: HostError) => void
  /** Rows kept in memory while the disk refuses them; default 20,000. */
  maxRows?: number
  /** Characters kept likewise; default 64 Mi. */
  maxChars?: number
}

/** Writes of many callers, put into one transaction. The writes keep their order. */
export interface GroupWriter {
  /** Written within 50 ms or 500 rows, relaxed. Never throws: what cannot be kept goes to `onError`. `done` follows either way. */
  append(write: () => void, options?: {chars?: number; done?: () => void}): void
  /** Written together with whatever else came in this turn of the event loop; resolves when synced. Rejects with HOST_STORE_FAILED. */
  commit(write: () => void): Promise<void>
  flush(): void
  /** Flushes for the last time. */
  close(): void
}

interface Entry {
  write: () => void
  chars: number
  /** Told the fate of the write, once. */
  settle: (error?: HostError) => void
  synced: boolean
  fault?: HostError
}

export function createGroupWriter(options: GroupWriterOptions): GroupWriter {
  const {clock, transactions, onError, maxRows = 20_000, maxChars = 64 * 1024 * 1024} = options
  let queue: Entry[] = []
  let chars = 0
  let dropped = 0
  let failing = false
  let cancelTimer: (() => void) | undefined
  let immediate: NodeJS.Immediate | undefined

  function flush(): void {
    cancelTimer?.()
    clearImmediate(immediate)
    cancelTimer = immediate = undefined
    const batch = queue
    if (batch.length === 0) return
    queue = []
    chars = 0
    const synced = batch.some(entry => entry.synced)
    try {
      const commit = synced ? transactions.commitNow : transactions.commitRelaxed
      commit(() => batch.forEach(writeEntry))
      failing = false
      for (const entry of batch) entry.settle(entry.fault)
    } catch (error) {
      keep(batch, toStoreError(error))
    }
    reportDropped()
  }

  /** Callers who wait are told; the rest stays queued for a later try. */
  function keep(batch: Entry[], error: HostError): void {
    failing = true
    const kept = batch.filter(entry => !entry.synced)
    queue = [...kept, ...queue]
    chars = queue.reduce((total, entry) => total + entry.chars, 0)
    for (const entry of batch) if (entry.synced) entry.settle(error)
    onError(error)
    if (queue.length > 0) cancelTimer ??= clock.after(RETRY_MS, flush)
  }

  function reportDropped(): void {
    if (dropped > 0) onError(new HostError('HOST_STORE_FAILED', {reason: `${dropped} rows of the log were dropped`}))
    dropped = 0
  }

  return {
    append(write, {chars: size = 0, done} = {}) {
      if (queue.length >= maxRows || chars + size > maxChars) {
        dropped++
        done?.()
        return
      }
      const settle = (fault?: HostError): void => {
        if (fault) onError(fault)
        done?.()
      }
      queue.push({write, chars: size, settle, synced: false})
      chars += size
      if (queue.length >= FLUSH_ROWS && !failing) flush()
      else cancelTimer ??= clock.after(FLUSH_MS, flush)
    },
    commit: write =>
      new Promise((resolve, reject) => {
        const settle = (error?: HostError): void => (error ? reject(error) : resolve())
        queue.push({write: () => transactions.undoable(write), chars: 0, settle, synced: true})
        immediate ??= setImmediate(flush)
      }),
    flush,
    close() {
      flush()
      cancelTimer?.()
      if (queue.length > 0) dropped += queue.length
      reportDropped()
    },
  }
}

/** One bad row must not hold up the others: only its own statement is undone. */
function writeEntry(entry: Entry): void {
  try {
    entry.write()
  } catch (error) {
    if (isStoreWide(error)) throw error
    entry.fault = toStoreError(error)
  }
}
