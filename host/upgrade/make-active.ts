import type {Permissions} from '../../runtime/protocol.ts'
import type {Catalog} from '../registry/catalog.ts'
import type {Registrations} from '../registry/registrations.ts'

export interface ActiveParts {
  catalog: Pick<Catalog, 'findActive' | 'getVersion' | 'setActive'>
  registrations: {moves: Pick<Registrations['moves'], 'prepare'>}
}

/** The version takes the calls from now on, and the configurations have the shape it knows: one synced transaction. */
export function makeActive(
  {catalog, registrations}: ActiveParts,
  plugin: string,
  version: string,
  consent?: Permissions,
): void {
  const {manifest} = catalog.getVersion(plugin, version)
  const moves = registrations.moves.prepare(plugin, manifest, catalog.findActive(plugin)?.manifest)
  catalog.setActive(plugin, version, {...(consent && {consent}), alongside: moves.write})
  moves.keep()
}
