/** The newest times that were added, in a ring. */
export class NewestTimes {
  #times: number[] = []
  #length = 0
  /** Where the next one goes. */
  #next = 0
  #count = 0

  /** Keeps the last `length` of them. */
  add(time: number, length: number): void {
    if (length !== this.#length) this.#resize(length)
    this.#times[this.#next] = time
    this.#next = (this.#next + 1) % length
    this.#count = Math.min(length, this.#count + 1)
  }

  /** 1 is the newest; undefined when there are fewer. */
  back(steps: number): number | undefined {
    if (steps > this.#count) return undefined
    return this.#times[(this.#next - steps + this.#length) % this.#length]
  }

  #resize(length: number): void {
    const kept: number[] = []
    for (let steps = Math.min(this.#count, length); steps > 0; steps--) kept.push(this.back(steps) ?? 0)
    this.#times = kept
    this.#length = length
    this.#count = kept.length
    this.#next = kept.length % length
  }
}
