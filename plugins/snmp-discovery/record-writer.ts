/** Hands records on as they come: at once when nothing is on its way, else together when the ones before are stored. */
export interface RecordWriter<T> {
  /** Waits while too many are waiting: the receiver's pace is the scan's pace. Rejects once handing on has failed. */
  add(record: T): Promise<void>
  /** Resolves when all are stored. */
  flush(): Promise<void>
}

const MAX_WAITING = 100
/** One batch, characters of JSON; a message on the wire takes 16 MiB. */
const MAX_BATCH = 2_000_000

export function createRecordWriter<T extends object>(send: (records: readonly T[]) => Promise<void>): RecordWriter<T> {
  const waiting: {record: T; size: number}[] = []
  let sending: Promise<void> | undefined
  let failure: {error: unknown} | undefined

  function takeBatch(): T[] {
    const batch: T[] = []
    for (let size = 0; size < MAX_BATCH; ) {
      const next = waiting.shift()
      if (!next) break
      batch.push(next.record)
      size += next.size
    }
    return batch
  }

  async function sendAll(): Promise<void> {
    try {
      while (waiting.length > 0) await send(takeBatch())
    } catch (error) {
      failure = {error}
    }
    sending = undefined
  }

  function throwFailure(): void {
    if (failure) throw failure.error
  }

  return {
    async add(record) {
      throwFailure()
      waiting.push({record, size: JSON.stringify(record).length})
      sending ??= sendAll()
      if (waiting.length > MAX_WAITING) await sending
      throwFailure()
    },
    async flush() {
      await sending
      throwFailure()
    },
  }
}
