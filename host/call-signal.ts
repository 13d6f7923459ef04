/** What calls need of an AbortSignal; a real one is one, too. */
export interface CallSignal {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted(): void
  addEventListener(type: 'abort', listener: () => void, options?: {once: boolean}): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/**
 * Gives up what listens to it, once. Every call has one, and making an AbortController and its listeners costs as much as
 * the rest of a call's way through the host.
 */
export class CallController implements CallSignal {
  #aborted = false
  #reason: unknown
  #listeners: (() => void)[] = []

  get signal(): CallSignal {
    return this
  }
  get aborted(): boolean {
    return this.#aborted
  }
  get reason(): unknown {
    return this.#reason
  }

  /** The first reason counts. */
  abort(reason: unknown): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#reason = reason
    for (let listener = this.#listeners.shift(); listener; listener = this.#listeners.shift()) listener()
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason
  }
  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.push(listener)
  }
  removeEventListener(_type: 'abort', listener: () => void): void {
    const index = this.#listeners.indexOf(listener)
    if (index >= 0) this.#listeners.splice(index, 1)
  }
}
