import type {PluginState, ProcessExit} from '../types.ts'

/**
 * stopped -> starting (start) -> running (ready) -> draining (drain) -> stopped.
 * starting, running -> waiting or parked (crash, as the policy decides) -> starting (due).
 * Any -> disabled (disable) -> stopped (enable). A swap is no state: a new process takes over under `running`.
 */
export type StateEvent =
  | {type: 'start'; attempt: number; at: number}
  | {type: 'ready'; at: number}
  | {type: 'swapped'; at: number}
  | {type: 'wait'; attempt: number; retryAt: number; exit: ProcessExit}
  | {type: 'park'; probes: number; retryAt: number; exit: ProcessExit}
  | {type: 'drain'; at: number}
  | {type: 'stop'; exit?: ProcessExit}
  | {type: 'disable'}
  | {type: 'enable'}

const lastExitOf = (state: PluginState): {lastExit?: ProcessExit} =>
  'lastExit' in state && state.lastExit ? {lastExit: state.lastExit} : {}

/** The only function that makes a state. An event that does not fit the state changes nothing. */
export function transition(state: PluginState, event: StateEvent): PluginState {
  if (event.type === 'disable') return {name: 'disabled'}
  if (state.name === 'disabled') return event.type === 'enable' ? {name: 'stopped'} : state
  switch (event.type) {
    case 'start':
      return {name: 'starting', attempt: event.attempt, since: event.at, ...lastExitOf(state)}
    case 'ready':
      return state.name === 'starting' ? {name: 'running', since: event.at, ...lastExitOf(state)} : state
    case 'swapped':
      return {name: 'running', since: event.at, ...lastExitOf(state)}
    case 'wait':
      return {name: 'waiting', attempt: event.attempt, retryAt: event.retryAt, lastExit: event.exit}
    case 'park':
      return {name: 'parked', probes: event.probes, retryAt: event.retryAt, lastExit: event.exit}
    case 'drain':
      return state.name === 'running' ? {name: 'draining', since: event.at} : state
    case 'stop':
      return {name: 'stopped', ...(event.exit ? {lastExit: event.exit} : lastExitOf(state))}
    case 'enable':
      return state
  }
}

/** The one place that holds a plugin's state; each change is announced. */
export class StateCell {
  readonly #onChange: (state: PluginState) => void
  #state: PluginState = {name: 'stopped'}

  constructor(onChange: (state: PluginState) => void) {
    this.#onChange = onChange
  }

  get value(): PluginState {
    return this.#state
  }

  become(event: StateEvent): void {
    const next = transition(this.#state, event)
    if (next === this.#state) return
    this.#state = next
    this.#onChange(next)
  }
}
