import type {PluginState} from '../host/index.ts'
import {renderTime} from './render-table.ts'

/** A plugin's state in a few words. */
export function describeState(state: PluginState): string {
  switch (state.name) {
    case 'waiting':
      return `waiting until ${renderTime(state.retryAt)}: ${state.lastExit.message}`
    case 'parked':
      return `parked until ${renderTime(state.retryAt)}: ${state.lastExit.message}`
    default:
      return state.name
  }
}
