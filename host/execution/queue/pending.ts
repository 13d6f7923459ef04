import type {CallController} from '../../call-signal.ts'
import type {ExecuteRequest, Execution} from '../../types.ts'

/** An accepted execution that waits for its turn. */
export interface Entry {
  /** Its record so far; the queue's own object. */
  execution: Execution
  request: ExecuteRequest
  controller: CallController
  /** Milliseconds since 1970. */
  dueAt: number
  /** The plugin may have seen it: known of one that a server before this one has left. */
  started: boolean
}

interface Lane {
  entries: Entry[]
  /** Those before it have been taken. */
  head: number
  /** Until then nothing of this lane is tried: the plugin could not take the last one. */
  heldUntil: number
  /** Times in a row that it was held. */
  holds: number
}

/** Of one registration, so far as one that cannot go on is passed over for those behind it. */
const PASSED_OVER = 256
const FIRST_HOLD_MS = 250
const LONGEST_HOLD_MS = 30_000

/** What waits, in memory: one lane a registration, each in turn, so that a long one does not keep the others waiting. */
export class Pending {
  readonly #lanes = new Map<string, Lane>()
  readonly #delayed: Entry[] = []
  readonly #byId = new Map<string, Entry>()
  /** Registrations in the order of their next turn. */
  #turns: string[] = []

  get size(): number {
    return this.#byId.size
  }

  list(): Iterable<Entry> {
    return this.#byId.values()
  }

  find(id: string): Entry | undefined {
    return this.#byId.get(id)
  }

  add(entry: Entry, now: number): void {
    this.#byId.set(entry.execution.execution, entry)
    if (entry.dueAt > now) this.#delay(entry)
    else this.#lane(entry.execution.registration).entries.push(entry)
  }

  /** It is passed over when its turn comes. */
  remove(id: string): void {
    this.#byId.delete(id)
  }

  /** The next one whose turn it is and that `claim` gives something for. */
  take<T>(now: number, claim: (entry: Entry) => T | undefined): T | undefined {
    this.#release(now)
    for (const registration of this.#turns) {
      const lane = this.#lane(registration)
      if (lane.heldUntil > now) continue
      const taken = this.#takeOf(lane, claim)
      if (taken === undefined) continue
      this.#turns = [...this.#turns.filter(name => name !== registration), registration]
      return taken
    }
    return undefined
  }

  /** The plugin could not take one of this registration: the lane waits, longer each time. */
  hold(registration: string, now: number): void {
    const lane = this.#lane(registration)
    lane.heldUntil = now + Math.min(LONGEST_HOLD_MS, FIRST_HOLD_MS * 2 ** lane.holds)
    lane.holds++
  }

  /** It took one. */
  unhold(registration: string): void {
    const lane = this.#lanes.get(registration)
    if (lane) lane.heldUntil = lane.holds = 0
  }

  /** When something may go on that cannot now; undefined when that is not a matter of time. */
  nextDue(now: number): number | undefined {
    const held = [...this.#lanes.values()].flatMap(({heldUntil, entries, head}) =>
      heldUntil > now && head < entries.length ? [heldUntil] : [],
    )
    const times = [...held, ...(this.#delayed[0] ? [this.#delayed[0].dueAt] : [])]
    return times.length > 0 ? Math.min(...times) : undefined
  }

  #takeOf<T>(lane: Lane, claim: (entry: Entry) => T | undefined): T | undefined {
    const {entries} = lane
    for (let at = lane.head; at < Math.min(entries.length, lane.head + PASSED_OVER); at++) {
      const entry = entries[at]
      const isThere = entry !== undefined && this.#byId.get(entry.execution.execution) === entry
      const taken = isThere ? claim(entry) : undefined
      if (isThere && taken === undefined) continue
      if (at === lane.head) lane.head++
      else entries.splice(at--, 1)
      this.#compact(lane)
      if (taken === undefined || !entry) continue
      this.#byId.delete(entry.execution.execution)
      return taken
    }
    return undefined
  }

  /** What has been taken is forgotten in one go. */
  #compact(lane: Lane): void {
    if (lane.head < 1024 && lane.head < lane.entries.length) return
    lane.entries = lane.entries.slice(lane.head)
    lane.head = 0
  }

  #lane(registration: string): Lane {
    const known = this.#lanes.get(registration)
    if (known) return known
    const lane = {entries: [], head: 0, heldUntil: 0, holds: 0}
    this.#lanes.set(registration, lane)
    this.#turns.push(registration)
    return lane
  }

  /** Kept by time, found by halving. */
  #delay(entry: Entry): void {
    let low = 0
    let high = this.#delayed.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#delayed[middle]?.dueAt ?? 0) <= entry.dueAt) low = middle + 1
      else high = middle
    }
    this.#delayed.splice(low, 0, entry)
  }

  #release(now: number): void {
    while (this.#delayed[0] && this.#delayed[0].dueAt <= now) {
      const entry = this.#delayed.shift()
      if (entry && this.#byId.get(entry.execution.execution) === entry)
        this.#lane(entry.execution.registration).entries.push(entry)
    }
  }
}
