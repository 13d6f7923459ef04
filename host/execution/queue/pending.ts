import {type Claimed, type Entry, Lane} from './lane.ts'
import {SortedList} from './sorted-list.ts'

/** What waits, in memory: one lane a registration, each in turn, so that a long one does not keep the others waiting. */
export class Pending {
  /** In the order of their next turn. */
  readonly #lanes = new Map<string, Lane>()
  readonly #delayed = new SortedList<Entry>((one, other) => one.dueAt - other.dueAt)
  readonly #byId = new Map<string, Entry>()
  /** Of one registration that run at once, at most. */
  readonly #share: number

  constructor(share: number) {
    this.#share = share
  }

  get size(): number {
    return this.#byId.size
  }

  /** How long the oldest has waited, milliseconds; 0 when none does. */
  oldestAgeMs(now: number): number {
    let oldest = now
    for (const {execution} of this.#byId.values()) oldest = Math.min(oldest, execution.startedAt)
    return now - oldest
  }

  find(id: string): Entry | undefined {
    return this.#byId.get(id)
  }

  add(entry: Entry, now: number): void {
    this.#byId.set(entry.execution.execution, entry)
    if (entry.dueAt > now) this.#delayed.add(entry)
    else this.#lane(entry.execution.registration).add(entry)
  }

  /** It is passed over when its turn comes. */
  remove(id: string): void {
    this.#byId.delete(id)
  }

  /** The next one whose turn it is and that `claim` gives something for; to be followed by `finish`. */
  take<T>(now: number, claim: (entry: Entry) => Claimed<T>): T | undefined {
    this.#release(now)
    for (const [registration, lane] of this.#lanes) {
      let found: Entry | undefined
      const taken = lane.take(
        entry => {
          found = entry
          return claim(entry)
        },
        {now, share: this.#share},
      )
      if (taken === undefined || !found) continue
      this.#byId.delete(found.execution.execution)
      this.#lanes.delete(registration)
      this.#lanes.set(registration, lane)
      return taken
    }
    return undefined
  }

  /** One of this registration is through; `held`: its plugin could not take it. */
  finish(registration: string, now: number, held: boolean): void {
    const lane = this.#lane(registration)
    lane.finish(now, {held})
    if (lane.isIdle) this.#lanes.delete(registration)
  }

  /** When something may go on that cannot now; undefined when that is not a matter of time. */
  nextDue(now: number): number | undefined {
    const times = [...this.#lanes.values()].flatMap(lane => lane.heldUntil(now) ?? [])
    const delayed = this.#delayed.first?.dueAt
    if (delayed !== undefined) times.push(delayed)
    return times.length > 0 ? Math.min(...times) : undefined
  }

  #isWaiting(entry: Entry): boolean {
    return this.#byId.get(entry.execution.execution) === entry
  }

  #lane(registration: string): Lane {
    const known = this.#lanes.get(registration)
    if (known) return known
    const lane = new Lane(entry => this.#isWaiting(entry))
    this.#lanes.set(registration, lane)
    return lane
  }

  #release(now: number): void {
    for (let entry = this.#delayed.first; entry && entry.dueAt <= now; entry = this.#delayed.first) {
      this.#delayed.shift()
      if (this.#isWaiting(entry)) this.#lane(entry.execution.registration).add(entry)
    }
  }
}
