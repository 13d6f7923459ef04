import type {PluginDetail, ProcessFacts} from '../../host/index.ts'
import {createClient, joinPath} from '../client.ts'
import {describeState} from '../describe-state.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {renderBytes, renderFacts, renderTable, renderTime} from '../render-table.ts'
import type {Verb} from '../verb.ts'

/** `status <plugin>` */
export const status: Verb<[id: string], ServerOptions> = {
  declare: command => declareServer(command.argument('<plugin>', 'the plugin’s id')),

  async run({arguments: [id], options, signal}) {
    const client = await createClient(options)
    const plugin = await client.request<PluginDetail>('GET', joinPath('v1', 'plugins', id), {signal})
    return {data: plugin, text: [describePlugin(plugin), describeVersions(plugin)].join('\n\n')}
  },
}

function describePlugin(plugin: PluginDetail): string {
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

function describeVersions({versions}: PluginDetail): string {
  const rows = versions.map(({version, digest, installedAt, active}) => [
    version,
    active ? 'active' : '',
    renderTime(installedAt),
    digest.slice(0, 12),
  ])
  return renderTable(['VERSION', '', 'INSTALLED', 'SHA256'], rows, 'No version is installed')
}
