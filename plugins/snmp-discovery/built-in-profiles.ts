import type {ConfigProfile} from './plugin.types.ts'
import generic from './profiles/generic.json' with {type: 'json'}
import network from './profiles/network.json' with {type: 'json'}
import power from './profiles/power.json' with {type: 'json'}
import printers from './profiles/printers.json' with {type: 'json'}
import servers from './profiles/servers.json' with {type: 'json'}

/** Later ones of the same sysObjectID win. A test holds them against the manifest's schema, the same as an administrator's. */
export const BUILT_IN_PROFILES = fillDefaults([...generic, ...network, ...servers, ...power, ...printers])

/** The host fills these in for a configuration; what is bundled does not pass there. */
function fillDefaults(profiles: readonly object[]): ConfigProfile[] {
  return (profiles as readonly ConfigProfile[]).map(profile => ({
    ...profile,
    attributes: (profile.attributes ?? []).map(({from, ...attribute}) =>
      from ? {...attribute, from: {...from, all: from.all ?? false}} : attribute,
    ),
    tables: (profile.tables ?? []).map(table => ({
      ...table,
      index: table.index ?? 'index',
      maxRows: table.maxRows ?? 500,
      hidden: table.hidden ?? false,
    })),
  }))
}
