import type {Permissions} from '../../runtime/protocol.ts'
import type {Clock} from '../clock.ts'
import {HostError} from '../errors.ts'
import type {Manifest} from '../manifest.ts'
import type {Store} from '../store/open-store.ts'
import type {PluginRow} from '../store/plugins.ts'
import type {VersionRow} from '../store/versions.ts'

/** The installed plugins and their versions, held in memory; every change is on the disk before its verb returns. */
export interface Catalog {
  list(): PluginRow[]
  find(id: string): PluginRow | undefined
  /** Throws PLUGIN_NOT_FOUND. */
  get(id: string): PluginRow
  /** The version that takes calls. The same object each time, as compiled schemas hang on its manifest. */
  findActive(id: string): VersionRow | undefined
  /** Of the active version, else of the newest. */
  findManifest(id: string): Manifest | undefined
  /** Newest first. */
  listVersions(id: string): VersionRow[]
  /** Throws PLUGIN_VERSION_NOT_FOUND. */
  getVersion(id: string, version: string): VersionRow
  addVersion(version: Omit<VersionRow, 'installedAt'>): void
  removeVersions(id: string, versions: readonly string[]): void
  /** `alongside` writes in the same synced transaction; the consent stays what it was when left out. */
  setActive(id: string, version: string, options?: {consent?: Permissions; alongside?: () => void}): void
  setEnabled(id: string, enabled: boolean): void
  remove(id: string): void
}

export function createCatalog({
  store,
  clock,
}: {
  store: Pick<Store, 'plugins' | 'versions' | 'commitNow'>
  clock: Clock
}): Catalog {
  const plugins = new Map<string, {row: PluginRow; versions: VersionRow[]}>()
  for (const row of store.plugins.list()) plugins.set(row.id, {row, versions: store.versions.list(row.id)})

  function get(id: string): {row: PluginRow; versions: VersionRow[]} {
    const entry = plugins.get(id)
    if (!entry) throw new HostError('PLUGIN_NOT_FOUND', {id})
    return entry
  }
  function findActive(id: string): VersionRow | undefined {
    const entry = plugins.get(id)
    return entry?.versions.find(({version}) => version === entry.row.activeVersion)
  }

  return {
    list: () => [...plugins.values()].map(({row}) => row).sort((a, b) => (a.id < b.id ? -1 : 1)),
    find: id => plugins.get(id)?.row,
    get: id => get(id).row,
    findActive,
    findManifest: id => (findActive(id) ?? plugins.get(id)?.versions[0])?.manifest,
    listVersions: id => get(id).versions,
    getVersion(id, version) {
      const found = get(id).versions.find(each => each.version === version)
      if (!found) throw new HostError('PLUGIN_VERSION_NOT_FOUND', {id, version})
      return found
    },
    addVersion(added) {
      const known = plugins.get(added.plugin)
      const row = known?.row ?? {id: added.plugin, activeVersion: null, enabled: true, consent: null}
      const version = {...added, installedAt: clock.now()}
      store.commitNow(() => {
        if (!known) store.plugins.save(row)
        store.versions.save(version)
      })
      const others = known?.versions.filter(each => each.version !== added.version) ?? []
      plugins.set(row.id, {row, versions: [version, ...others]})
    },
    removeVersions(id, versions) {
      const entry = get(id)
      store.commitNow(() => {
        for (const version of versions) store.versions.remove(id, version)
      })
      plugins.set(id, {...entry, versions: entry.versions.filter(({version}) => !versions.includes(version))})
    },
    setActive(id, version, {consent = get(id).row.consent, alongside} = {}) {
      const entry = get(id)
      store.commitNow(() => {
        store.plugins.setActive(id, version, consent)
        alongside?.()
      })
      plugins.set(id, {...entry, row: {...entry.row, activeVersion: version, consent}})
    },
    setEnabled(id, enabled) {
      const entry = get(id)
      store.plugins.setEnabled(id, enabled)
      plugins.set(id, {...entry, row: {...entry.row, enabled}})
    },
    remove(id) {
      store.plugins.remove(id)
      plugins.delete(id)
    },
  }
}
