const MAX_WAITING = 100
/** One batch, characters of JSON; a message on the wire takes 16 MiB. */
const MAX_BATCH = 2_000_000

/** Hands records on as they come: at once when nothing is on its way, else together when the ones before are stored. */
export class RecordWriter<T extends object> {
  readonly #send: (records: readonly T[]) => Promise<void>
  readonly #waiting: {record: T; size: number}[] = []
  #sending: Promise<void> | undefined
  #failure: {error: unknown} | undefined

  constructor(send: (records: readonly T[]) => Promise<void>) {
    this.#send = send
  }

  /** Waits while too many are waiting: the receiver's pace is the scan's pace. Rejects once handing on has failed. */
  async add(record: T): Promise<void> {
    this.#throwFailure()
    this.#waiting.push({record, size: JSON.stringify(record).length})
    this.#sending ??= this.#sendAll()
    if (this.#waiting.length > MAX_WAITING) await this.#sending
    this.#throwFailure()
  }

  /** Resolves when all are stored. */
  async flush(): Promise<void> {
    await this.#sending
    this.#throwFailure()
  }

  async #sendAll(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#send(this.#takeBatch())
    } catch (error) {
      this.#failure = {error}
    }
    this.#sending = undefined
  }

  #takeBatch(): T[] {
    const batch: T[] = []
    for (let size = 0; size < MAX_BATCH; ) {
      const next = this.#waiting.shift()
      if (!next) break
      batch.push(next.record)
      size += next.size
    }
    return batch
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error
  }
}
