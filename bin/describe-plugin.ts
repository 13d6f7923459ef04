import type {PluginDetail, ProcessFacts} from '../host/index.ts'
import {describeState} from './describe-state.ts'
import {renderBytes, renderFacts, renderTime} from './render-table.ts'

/** A plugin, its state and its process for people. */
export function describePlugin(plugin: PluginDetail): string {
  const exit = 'lastExit' in plugin.state ? plugin.state.lastExit : undefined
  return renderFacts({
    plugin: `${plugin.id}  ${plugin.name}`,
    summary: plugin.summary,
    kinds: plugin.kinds.join(', '),
    actions: Object.keys(plugin.manifest.actions).join(', '),
    state: describeState(plugin.state),
    'last exit': exit && `${renderTime(exit.at)} ${exit.message}`,
    restarts: plugin.restarts,
    queued: plugin.queued,
    process: plugin.process && describeProcess(plugin.process),
    isolation: plugin.process && `level ${plugin.process.isolation}`,
    'may do': plugin.allowed.join('; '),
  })
}

function describeProcess({pid, rssBytes, readyMs, inFlight, lagMs}: ProcessFacts): string {
  const load = `${inFlight} calls in flight, loop delay ${Math.round(lagMs)} ms`
  // It has not been measured yet right after a start.
  const memory = rssBytes > 0 ? `${renderBytes(rssBytes)}, ` : ''
  return `pid ${pid}, ${memory}ready in ${Math.round(readyMs)} ms, ${load}`
}
