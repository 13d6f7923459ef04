import type {CallController} from '../../call-signal.ts'
import type {ExecuteRequest, Execution} from '../../types.ts'
import {SortedList} from './sorted-list.ts'

/** An accepted execution that waits for its turn. */
export interface Entry {
  /** Its record so far; the queue's own object. */
  execution: Execution
  request: ExecuteRequest
  controller: CallController
  /** Milliseconds since 1970. */
  dueAt: number
  /** The plugin may have seen it, and nobody knows what it came to. */
  started: boolean
  /** A server before this one may have begun it; what that attempt left is still there. */
  isLeft?: boolean
}

/** What came of asking whether one can go on: what was taken, or what it waits for. */
export type Claimed<T> = {taken: T} | {blocked: 'registration'} | {blocked: 'place'; place: string}

/** Set aside in one go, at most: looking at each costs a check of its input. */
const LOOK_AT = 256
const FIRST_HOLD_MS = 250
const LONGEST_HOLD_MS = 5000

function createList(): SortedList<Entry> {
  return new SortedList((one, other) => (one.execution.execution < other.execution.execution ? -1 : 1))
}

/** What waits of one registration, in the order it was accepted. Those that wait for a place are set aside, each in its own order. */
export class Lane {
  readonly #entries = createList()
  readonly #aside = new Map<string, SortedList<Entry>>()
  readonly #isWaiting: (entry: Entry) => boolean
  /** Taken and not finished. */
  #running = 0
  /** Until then nothing is tried: the plugin could not take the last one. */
  #heldUntil = 0
  /** Times in a row that it was held. */
  #holds = 0

  constructor(isWaiting: (entry: Entry) => boolean) {
    this.#isWaiting = isWaiting
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0 && this.#aside.size === 0
  }

  get isIdle(): boolean {
    return this.isEmpty && this.#running === 0 && this.#holds === 0
  }

  /** When it goes on that is held now. */
  heldUntil(now: number): number | undefined {
    return this.#heldUntil > now && !this.isEmpty ? this.#heldUntil : undefined
  }

  add(entry: Entry): void {
    this.#entries.add(entry)
  }

  /** The next one that `claim` gives something for, while no more than `share` run. After it was held, one at a time is tried. */
  take<T>(claim: (entry: Entry) => Claimed<T>, {now, share}: {now: number; share: number}): T | undefined {
    if (this.#heldUntil > now || this.#running >= (this.#holds > 0 ? 1 : share)) return undefined
    const claimed = this.#takeAside(claim) ?? this.#takeNext(claim)
    if (!claimed || !('taken' in claimed)) return undefined
    this.#running++
    return claimed.taken
  }

  /** One that was taken is through; `held`: the plugin could not take it, and the lane waits, longer each time. */
  finish(now: number, {held}: {held: boolean}): void {
    this.#running--
    if (!held) this.#heldUntil = this.#holds = 0
    else if (this.#heldUntil <= now) {
      this.#heldUntil = now + Math.min(LONGEST_HOLD_MS, FIRST_HOLD_MS * 2 ** this.#holds)
      this.#holds++
    }
  }

  #takeAside<T>(claim: (entry: Entry) => Claimed<T>): Claimed<T> | undefined {
    for (const [place, list] of this.#aside) {
      const entry = this.#firstOf(list)
      const claimed = entry && claim(entry)
      if (claimed && 'taken' in claimed) list.shift()
      if (list.size === 0) this.#aside.delete(place)
      if (claimed && !('place' in claimed)) return claimed
    }
    return undefined
  }

  #takeNext<T>(claim: (entry: Entry) => Claimed<T>): Claimed<T> | undefined {
    for (let looked = 0; looked < LOOK_AT; looked++) {
      const entry = this.#firstOf(this.#entries)
      if (!entry) return undefined
      const claimed = claim(entry)
      if (!('place' in claimed)) {
        if ('taken' in claimed) this.#entries.shift()
        return claimed
      }
      this.#entries.shift()
      const list = this.#aside.get(claimed.place) ?? createList()
      this.#aside.set(claimed.place, list)
      list.add(entry)
    }
    return undefined
  }

  /** Those that were cancelled meanwhile are gone. */
  #firstOf(list: SortedList<Entry>): Entry | undefined {
    while (list.first && !this.#isWaiting(list.first)) list.shift()
    return list.first
  }
}
