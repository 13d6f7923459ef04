/** Kept in order, found by halving; taken from the front. Adding at the end and taking cost nothing that grows with it. */
export class SortedList<T> {
  readonly #compare: (one: T, other: T) => number
  #items: T[] = []
  /** Those before it have been taken. */
  #head = 0

  constructor(compare: (one: T, other: T) => number) {
    this.#compare = compare
  }

  get size(): number {
    return this.#items.length - this.#head
  }

  get first(): T | undefined {
    return this.#items[this.#head]
  }

  /** Behind those that are equal. */
  add(item: T): void {
    let low = this.#head
    let high = this.#items.length
    const last = this.#items[high - 1]
    if (last === undefined || this.size === 0 || this.#compare(last, item) <= 0) low = high
    while (low < high) {
      const middle = (low + high) >> 1
      const other = this.#items[middle]
      if (other !== undefined && this.#compare(other, item) <= 0) low = middle + 1
      else high = middle
    }
    if (low === this.#head && this.#head > 0) this.#items[--this.#head] = item
    else this.#items.splice(low, 0, item)
  }

  shift(): void {
    if (this.size === 0) return
    this.#head++
    if (this.#head < 1024 && this.#head < this.#items.length) return
    if (this.#head * 2 < this.#items.length) return
    this.#items = this.#items.slice(this.#head)
    this.#head = 0
  }
}
