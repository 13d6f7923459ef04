import type {JsonObject} from '../../runtime/protocol.ts'
import type {Clock} from '../clock.ts'
import type {Manifest} from '../manifest.ts'
import type {Store} from '../store/open-store.ts'
import type {RegistrationRow} from '../store/registrations.ts'
import type {Secrets} from './secrets.ts'

interface Entry {
  row: RegistrationRow
  config: JsonObject
}

export interface ConfigMoveParts {
  store: Pick<Store, 'registrations' | 'previousConfigs'>
  secrets: Secrets
  clock: Clock
  listEntries(plugin: string): Entry[]
  keep(entry: Entry): void
  hide(plugin: string, manifest: Manifest | undefined, config: JsonObject): void
}

/** What one registration needs before a version can use its configuration. */
export interface ConfigMove {
  registration: string
  name: string
  enabled: boolean
  draft: boolean
  /** restore: it had this shape before, and has it again. migrate: by the plugin's own `migrate`. */
  step: 'keep' | 'restore' | 'migrate'
  /** `config.version` of `config`, and the version's. */
  from: number
  to: number
  /** To start from, in the clear. */
  config: JsonObject
}

/** Joins the transaction that makes the version active; `keep` is called when that is done. */
export interface PreparedMoves {
  write(): void
  keep(): void
}

/** Configurations over the versions of their plugin: each version gets the shape it knows, and going back finds the old one. */
export class ConfigMoves {
  readonly #parts: ConfigMoveParts
  /** Migrated, and stored as soon as their version is active. */
  readonly #staged = new Map<Manifest, ReadonlyMap<string, JsonObject>>()

  constructor(parts: ConfigMoveParts) {
    this.#parts = parts
  }

  plan(plugin: string, manifest: Manifest): ConfigMove[] {
    return this.#parts.listEntries(plugin).map(entry => {
      const {id, name, enabled, draft} = entry.row
      return {registration: id, name, enabled, draft, to: versionOf(manifest), ...this.#start(entry, manifest)}
    })
  }

  /** Not the same items when a registration of the plugin was changed in between. */
  mark(plugin: string): readonly unknown[] {
    return this.#parts.listEntries(plugin).map(({row}) => row)
  }

  /** The secrets of this configuration are taken out of what the plugin says from now on. */
  hide(plugin: string, manifest: Manifest, config: JsonObject): void {
    this.#parts.hide(plugin, manifest, config)
  }

  /** From now on processes of this version are configured with these, by registration. Nothing is stored yet. */
  stage(plugin: string, manifest: Manifest, configs: ReadonlyMap<string, JsonObject>): void {
    for (const config of configs.values()) this.#parts.hide(plugin, manifest, config)
    this.#staged.set(manifest, configs)
  }

  unstage(manifest: Manifest): void {
    this.#staged.delete(manifest)
  }

  /** What a process of this version is to be given. */
  configFor(entry: Entry, manifest: Manifest): JsonObject {
    const staged = this.#staged.get(manifest)?.get(entry.row.id)
    if (staged) return staged
    const {step, config} = this.#start(entry, manifest)
    return step === 'restore' ? config : entry.config
  }

  /** The version becomes the active one: what is staged for it is stored, or what it had before is taken up again. */
  prepare(plugin: string, manifest: Manifest, before: Manifest | undefined): PreparedMoves {
    const {store, secrets, clock, keep, hide} = this.#parts
    const to = versionOf(manifest)
    const moved = this.#parts.listEntries(plugin).flatMap(entry => {
      const config = this.configFor(entry, manifest)
      if (config === entry.config) return []
      const row = {...entry.row, configVersion: to, updatedAt: clock.now()}
      // By then nobody knows any more what was secret in the old shape.
      hide(plugin, before, entry.config)
      return [{entry, next: {row: {...row, sealedConfig: secrets.sealConfig(row.id, JSON.stringify(config))}, config}}]
    })
    return {
      write() {
        for (const {entry, next} of moved) {
          const {id: registration, configVersion: version} = entry.row
          store.previousConfigs.removeFrom(registration, to)
          if (version < to) {
            const sealedConfig = secrets.sealText(placeOf(registration, version), JSON.stringify(entry.config))
            store.previousConfigs.save({registration, version, sealedConfig})
          }
          store.registrations.save(next.row)
        }
      },
      keep() {
        for (const {next} of moved) keep(next)
      },
    }
  }

  #start({row, config}: Entry, manifest: Manifest): Pick<ConfigMove, 'step' | 'from' | 'config'> {
    const to = versionOf(manifest)
    if (row.configVersion === to) return {step: 'keep', from: to, config}
    if (row.configVersion < to) return {step: 'migrate', from: row.configVersion, config}
    const previous = this.#parts.store.previousConfigs.find(row.id, to)
    if (!previous) return {step: 'keep', from: row.configVersion, config}
    const text = this.#parts.secrets.openText(placeOf(row.id, previous.version), previous.sealedConfig)
    const step = previous.version === to ? 'restore' : 'migrate'
    return {step, from: previous.version, config: JSON.parse(text) as JsonObject}
  }
}

export function versionOf(manifest: Manifest): number {
  return manifest.config?.version ?? 1
}

function placeOf(registration: string, version: number): string {
  return `previousConfig|${registration}|${version}`
}
