import type {JsonObject} from '../../runtime/protocol.ts'
import type {Clock} from '../clock.ts'
import {HostError, isHostError} from '../errors.ts'
import {type Manifest, needsConfiguration} from '../manifest.ts'
import type {Store} from '../store/open-store.ts'
import type {RegistrationRow} from '../store/registrations.ts'
import type {Registration} from '../types.ts'
import {checkId, checkName, createId} from './name-registration.ts'
import {configSchema, findTwin, parseConfig} from './parse-config.ts'
import {createRedactor, type Redactor} from './redact.ts'
import {listSecrets, maskSecrets} from './secret-fields.ts'
import type {Secrets} from './secrets.ts'

export interface RegistrationParts {
  store: Pick<Store, 'registrations'>
  secrets: Secrets
  clock: Clock
  /** Of the plugin's active version, else of any installed one; undefined when it is not installed. The same object each time. */
  findManifest: (plugin: string) => Manifest | undefined
}

/** A registration without its configuration: all that a call needs. */
export type RegistrationHead = Pick<Registration, 'id' | 'plugin' | 'name' | 'enabled'>

export interface NewRegistration {
  plugin: string
  name: string
  /** Made from the name when left out. */
  id?: string
  config?: JsonObject
  enabled?: boolean
}

interface Entry {
  row: RegistrationRow
  config: JsonObject
  /** The last one it was found to fit. */
  fits?: Manifest
}

interface CachedRedactor {
  manifest: Manifest | undefined
  redactor: Redactor
}

/** All registrations, held in memory; every change is on the disk before its verb returns. */
export class Registrations {
  readonly #parts: RegistrationParts
  readonly #entries = new Map<string, Entry>()
  /** By registration id, and by `plugin:` and plugin id. */
  readonly #redactors = new Map<string, CachedRedactor>()

  constructor(parts: RegistrationParts) {
    this.#parts = parts
    for (const row of parts.store.registrations.list()) {
      const config = JSON.parse(parts.secrets.openConfig(row.id, row.sealedConfig)) as JsonObject
      this.#entries.set(row.id, {row, config})
    }
  }

  list({plugin}: {plugin?: string} = {}): Registration[] {
    const entries = plugin === undefined ? [...this.#entries.values()] : this.#ofPlugin(plugin)
    return entries.map(entry => this.#show(entry))
  }

  get(id: string): Registration {
    return this.#show(this.#find(id))
  }

  /** For the hot path: no configuration, no copy. */
  find(id: string): RegistrationHead | undefined {
    return this.#entries.get(id)?.row
  }

  create({plugin, name, id, config = {}, enabled = true}: NewRegistration): Registration {
    const manifest = this.#findManifest(plugin)
    const checkedName = checkName(name)
    const checkedId = id === undefined ? createId(checkedName, plugin, this.#entries) : checkId(id)
    if (this.#entries.has(checkedId)) {
      throw new HostError('REGISTRATION_EXISTS', {id: checkedId, reason: 'there is one with this id'})
    }
    const complete = parseConfig(manifest, config)
    this.#refuseTwin(checkedId, plugin, complete)
    const now = this.#parts.clock.now()
    return this.#save({id: checkedId, plugin, name: checkedName, enabled, createdAt: now, updatedAt: now}, complete)
  }

  /** A secret that reads as SECRET_MASK stays what it was. */
  update(id: string, change: {name?: string; config?: JsonObject; enabled?: boolean}): Registration {
    const {row, config: kept} = this.#find(id)
    const name = change.name === undefined ? row.name : checkName(change.name)
    const config = change.config ? this.completeConfig(id, change.config) : kept
    if (change.config) this.#refuseTwin(id, row.plugin, config)
    const updatedAt = this.#parts.clock.now()
    return this.#save({...row, name, enabled: change.enabled ?? row.enabled, updatedAt}, config)
  }

  remove(id: string): void {
    const {row} = this.#find(id)
    this.#parts.store.registrations.remove(id)
    this.#entries.delete(id)
    this.#forgetRedactors(row)
  }

  /** All of a plugin that is being removed; returns their ids. */
  removeAll(plugin: string): string[] {
    const ids = this.#ofPlugin(plugin).map(({row}) => row.id)
    for (const id of ids) this.remove(id)
    return ids
  }

  /** A registration with the plugin's id, when it has none yet and needs no configuration; null otherwise. */
  createDefault(plugin: string): Registration | null {
    const manifest = this.#findManifest(plugin)
    if (needsConfiguration(manifest) || this.#ofPlugin(plugin).length > 0 || this.#entries.has(plugin)) return null
    try {
      return this.create({plugin, id: plugin, name: manifest.name})
    } catch (error) {
      // The schema may want something that `required` does not name.
      if (isHostError(error, 'CONFIG_INVALID')) return null
      throw error
    }
  }

  /** In the clear, for `configure`; the defaults of the given version's (the active one's) schema filled in. Throws CONFIG_INVALID. */
  openConfig(id: string, manifest?: Manifest): JsonObject {
    const {row, config} = this.#find(id)
    return parseConfig(manifest ?? this.#findManifest(row.plugin), config)
  }

  /** Throws CONFIG_INVALID unless the configuration fits the version; for the hot path, so remembered. */
  requireFit(id: string, manifest: Manifest): void {
    const entry = this.#find(id)
    if (entry.fits === manifest) return
    parseConfig(manifest, entry.config)
    entry.fits = manifest
  }

  /** A configuration to try out: checked, defaults filled in, masked secrets replaced by the stored ones. */
  completeConfig(id: string, config: JsonObject): JsonObject {
    const {row, config: kept} = this.#find(id)
    return parseConfig(this.#findManifest(row.plugin), config, kept)
  }

  /** Redacts the secrets of one registration. Cheap: kept until its configuration or the plugin's manifest changes. */
  redactorFor(id: string): Redactor {
    const entry = this.#entries.get(id)
    return this.#redactor(id, entry?.row.plugin ?? '', entry ? [entry] : [])
  }

  /** Redacts the secrets of all of a plugin's registrations; kept likewise. */
  redactorOfPlugin(plugin: string): Redactor {
    return this.#redactor(`plugin:${plugin}`, plugin, this.#ofPlugin(plugin))
  }

  #redactor(key: string, plugin: string, entries: Entry[]): Redactor {
    const manifest = this.#parts.findManifest(plugin)
    const cached = this.#redactors.get(key)
    if (cached && cached.manifest === manifest) return cached.redactor
    const redactor = createRedactor(entries.flatMap(({config}) => listSecrets(configSchema(manifest), config)))
    if (entries.length > 0) this.#redactors.set(key, {manifest, redactor})
    return redactor
  }

  #forgetRedactors({id, plugin}: RegistrationHead): void {
    this.#redactors.delete(id)
    this.#redactors.delete(`plugin:${plugin}`)
  }

  #save(row: Omit<RegistrationRow, 'sealedConfig'>, config: JsonObject): Registration {
    const sealedConfig = this.#parts.secrets.sealConfig(row.id, JSON.stringify(config))
    const entry: Entry = {row: {...row, sealedConfig}, config}
    this.#parts.store.registrations.save(entry.row)
    this.#entries.set(row.id, entry)
    this.#forgetRedactors(row)
    return this.#show(entry)
  }

  #show({row, config}: Entry): Registration {
    const {sealedConfig: _, ...rest} = row
    const manifest = this.#parts.findManifest(row.plugin)
    // Without its manifest nobody knows which fields are secret.
    return {
      ...rest,
      draft: false,
      notes: '',
      settings: {},
      problems: [],
      config: manifest ? maskSecrets(configSchema(manifest), config) : {},
    }
  }

  #find(id: string): Entry {
    const entry = this.#entries.get(id)
    if (!entry) throw new HostError('REGISTRATION_NOT_FOUND', {id})
    return entry
  }

  #findManifest(plugin: string): Manifest {
    const manifest = this.#parts.findManifest(plugin)
    if (!manifest) throw new HostError('PLUGIN_NOT_FOUND', {id: plugin})
    return manifest
  }

  #ofPlugin(plugin: string): Entry[] {
    return [...this.#entries.values()].filter(({row}) => row.plugin === plugin)
  }

  #refuseTwin(id: string, plugin: string, config: JsonObject): void {
    const others = this.#ofPlugin(plugin).filter(({row}) => row.id !== id)
    const reason = findTwin(this.#findManifest(plugin), config, others)
    if (reason) throw new HostError('REGISTRATION_EXISTS', {id, reason})
  }
}
