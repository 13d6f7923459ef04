import type {ProcessExit} from '../types.ts'
import {type CrashHistory, decideRestart, NO_CRASHES} from './restart-policy.ts'
import type {StateEvent} from './state.ts'
import type {SupervisorParts} from './types.ts'

/** Remembers a plugin's crashes and starts it again when the policy says so. */
export class Restarts {
  readonly #parts: SupervisorParts
  readonly #start: () => Promise<unknown>
  #history: CrashHistory = NO_CRASHES
  #count = 0
  #cancelTimer = (): void => {}

  constructor(parts: SupervisorParts, start: () => Promise<unknown>) {
    this.#parts = parts
    this.#start = start
  }

  /** Restarts made so far. */
  get count(): number {
    return this.#count
  }
  /** Restarts in a row without a healthy stretch. */
  get attempt(): number {
    return this.#history.attempt
  }

  /** Arms the next start; returns the state that the plugin is in until then. */
  schedule(exit: ProcessExit, healthyMs: number): StateEvent {
    const {clock, config, random, takeRestart} = this.#parts
    const now = clock.now()
    const {action, afterMs, history} = decideRestart(
      this.#history,
      {now, healthyMs, reason: exit.reason},
      config.restart,
      random(),
    )
    this.#history = history
    const retryAt = now + afterMs + takeRestart()
    this.cancel()
    this.#cancelTimer = clock.after(retryAt - now, () => {
      this.#count++
      this.#start().catch(() => {})
    })
    if (action === 'park') return {type: 'park', probes: history.probes, retryAt, exit}
    return {type: 'wait', attempt: history.attempt, retryAt, exit}
  }

  cancel(): void {
    this.#cancelTimer()
  }

  /** A new version, or somebody who asked for it, starts with a clean slate. */
  forget(): void {
    this.cancel()
    this.#history = NO_CRASHES
  }
}
