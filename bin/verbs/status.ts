import type {PluginDetail} from '../../host/index.ts'
import {createClient} from '../client.ts'
import {describePlugin} from '../describe-plugin.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {renderTable, renderTime} from '../render-table.ts'
import type {Verb} from '../verb.ts'

/** `status <plugin>` */
export const status: Verb<[id: string], ServerOptions> = {
  declare: command => declareServer(command.argument('<plugin>', 'the plugin’s id')),

  async run({arguments: [id], options, signal}) {
    const client = await createClient(options)
    const plugin = await client.call('getPlugin', {params: {id}, signal})
    return {data: plugin, text: [describePlugin(plugin), describeVersions(plugin)].join('\n\n')}
  },
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
