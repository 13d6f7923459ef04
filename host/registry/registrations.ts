import type {JsonObject} from '../../runtime/protocol.ts'
import {HostError, isHostError} from '../errors.ts'
import {type Manifest, needsConfiguration} from '../manifest.ts'
import {type Problem, UNKNOWN_KEY} from '../schema.ts'
import type {RegistrationRow} from '../store/registrations.ts'
import type {Registration} from '../types.ts'
import {ConfigMoves} from './config-moves.ts'
import {decideSwitches} from './decide-switches.ts'
import {isFileField, setAt} from './file-fields.ts'
import {checkId, checkName, checkNotes, createId, refuseSameName} from './name-registration.ts'
import {configSchema, judgeConfig, parseConfig, refuseProblems, refuseTwin} from './parse-config.ts'
import {parseSettings} from './parse-settings.ts'
import type {Redactor} from './redact.ts'
import {Redactors} from './redactors.ts'
import type {NewRegistration, RegistrationChange, RegistrationHead, RegistrationParts} from './registration-types.ts'
import {maskSecrets} from './secret-fields.ts'
import {showRegistration} from './show-registration.ts'

export type {NewRegistration, RegistrationChange, RegistrationHead, RegistrationParts}

interface Entry {
  row: RegistrationRow
  config: JsonObject
  /** What it was last checked against, and what was found. */
  checked?: {manifest: Manifest; problems: Problem[]}
}

/** All registrations, held in memory; every change is on the disk before its verb returns. */
export class Registrations {
  readonly #parts: RegistrationParts
  readonly #entries = new Map<string, Entry>()
  /** What a removed one had running still ends: its plugin, by id. */
  readonly #removed = new Map<string, string>()
  readonly #redactors: Redactors
  /** Configurations over the versions of their plugin. */
  readonly moves: ConfigMoves

  constructor(parts: RegistrationParts) {
    this.#parts = parts
    this.moves = new ConfigMoves({
      ...parts,
      listEntries: plugin => this.#ofPlugin(plugin),
      keep: entry => this.#keep(entry),
      hide: (plugin, manifest, config) => this.#redactors.retire(plugin, config, manifest),
    })
    this.#redactors = new Redactors({
      findManifest: parts.findManifest,
      listConfigs: plugin => this.#ofPlugin(plugin).map(({config}) => config),
    })
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

  create({plugin, name, id, config = {}, notes = '', settings = {}, ...asked}: NewRegistration): Registration {
    const manifest = this.#findManifest(plugin)
    const checkedName = checkName(name)
    const checkedId = id === undefined ? createId(checkedName, plugin, this.#entries) : checkId(id)
    if (this.#entries.has(checkedId)) {
      throw new HostError('REGISTRATION_EXISTS', {id: checkedId, reason: 'there is one with this id'})
    }
    const now = this.#parts.clock.now()
    const judged = judgeConfig(manifest, config, {filesAt: now})
    refuseProblems(judged.faults)
    const switches = decideSwitches({asked, was: undefined, problems: judged.problems, configChanged: true})
    refuseSameName(checkedId, checkedName, this.#ofPlugin(plugin))
    refuseTwin(checkedId, manifest, {...judged, draft: switches.draft}, this.#ofPlugin(plugin))
    const texts = {name: checkedName, notes: checkNotes(notes), settings: parseSettings(settings, manifest)}
    const made = {id: checkedId, plugin, configVersion: manifest.config?.version ?? 1, createdAt: now, updatedAt: now}
    return this.#save({...made, ...texts, ...switches}, judged.config)
  }

  /** A secret that reads as SECRET_MASK stays what it was. */
  update(id: string, {name, config, notes, settings, ...asked}: RegistrationChange): Registration {
    const {row, config: kept} = this.#find(id)
    const updatedAt = this.#parts.clock.now()
    const next = {...row, updatedAt}
    if (name !== undefined) next.name = checkName(name)
    if (next.name !== row.name) refuseSameName(id, next.name, this.#ofPlugin(row.plugin))
    if (notes !== undefined) next.notes = checkNotes(notes)
    if (settings !== undefined) next.settings = parseSettings(settings, this.#findManifest(row.plugin))
    const isJudged = config !== undefined || asked.draft !== undefined || row.draft || asked.enabled === true
    if (!isJudged) return this.#save({...next, enabled: asked.enabled ?? row.enabled}, kept)

    const manifest = this.#findManifest(row.plugin)
    const judged = judgeConfig(manifest, config ?? kept, {kept, filesAt: updatedAt})
    const configChanged = config !== undefined
    if (configChanged) refuseProblems(judged.faults)
    Object.assign(next, decideSwitches({asked, was: row, problems: judged.problems, configChanged}))
    if (!configChanged) return this.#save(next, kept)
    refuseTwin(id, manifest, {...judged, draft: next.draft}, this.#ofPlugin(row.plugin))
    return this.#save({...next, configVersion: manifest.config?.version ?? 1}, judged.config)
  }

  /** Its mappings go with it. */
  remove(id: string): void {
    const {row, config} = this.#find(id)
    const {store} = this.#parts
    store.commitNow(() => {
      store.registrations.remove(id)
      store.mappings.removeAll(id)
    })
    this.#entries.delete(id)
    this.#removed.set(id, row.plugin)
    this.#redactors.retire(row.plugin, config)
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
    const entry = this.#find(id)
    const version = manifest ?? this.#findManifest(entry.row.plugin)
    return parseConfig(version, this.moves.configFor(entry, version))
  }

  /** Throws CONFIG_INVALID unless the configuration fits the version; for the hot path, so remembered. */
  requireFit(id: string, manifest: Manifest): void {
    refuseProblems(this.#check(this.#find(id), manifest))
  }

  /**
   * A configuration to try out: checked, defaults filled in, masked secrets replaced by the stored ones. Its secrets are redacted
   * from now on.
   */
  completeConfig(id: string, given: JsonObject): JsonObject {
    const {row, config: kept} = this.#find(id)
    const filesAt = this.#parts.clock.now()
    const config = parseConfig(this.#findManifest(row.plugin), given, {kept, filesAt})
    this.#redactors.retire(row.plugin, config)
    return config
  }

  /** What is filled in so far, laid over the stored configuration: unchecked, and not only fields of the configuration. */
  fillIn(id: string, values: JsonObject): JsonObject {
    const {row, config: kept} = this.#find(id)
    const manifest = this.#findManifest(row.plugin)
    const shown = maskSecrets(configSchema(manifest), kept)
    const {config, faults} = judgeConfig(manifest, {...shown, ...values}, {kept})
    refuseProblems(faults.filter(({message}) => message !== UNKNOWN_KEY))
    this.#redactors.retire(row.plugin, config)
    return config
  }

  /** Writes a file (text) into a field of the configuration; `field` may lead into objects: `tls.ca`. Empty takes it away. */
  putFile(id: string, field: string, text: string): Registration {
    const {row, config} = this.#find(id)
    const path = field.split('.')
    const schema = configSchema(this.#findManifest(row.plugin))
    if (!isFileField(schema, path)) {
      throw new HostError('REQUEST_INVALID', {reason: `"${field}" is no field of the configuration that holds a file`})
    }
    return this.update(id, {config: setAt(maskSecrets(schema, config), path, text === '' ? undefined : text)})
  }

  /** Redacts the secrets of the registration's plugin. */
  redactorFor(id: string): Redactor {
    return this.redactorOfPlugin(this.#entries.get(id)?.row.plugin ?? this.#removed.get(id) ?? '')
  }

  /** Redacts the secrets of all of a plugin's registrations, of the moment it is used. Cheap: kept until one of them changes. */
  redactorOfPlugin(plugin: string): Redactor {
    return this.#redactors.forPlugin(plugin)
  }

  #check(entry: Entry, manifest: Manifest): readonly Problem[] {
    if (entry.checked?.manifest === manifest) return entry.checked.problems
    const {problems} = judgeConfig(manifest, entry.config)
    entry.checked = {manifest, problems}
    return problems
  }

  #seal(row: Omit<RegistrationRow, 'sealedConfig'>, config: JsonObject): Entry {
    return {row: {...row, sealedConfig: this.#parts.secrets.sealConfig(row.id, JSON.stringify(config))}, config}
  }

  #save(row: Omit<RegistrationRow, 'sealedConfig'>, config: JsonObject): Registration {
    const entry = this.#seal(row, config)
    this.#parts.store.registrations.save(entry.row)
    this.#keep(entry)
    return this.#show(entry)
  }

  #keep(entry: Entry): void {
    const before = this.#entries.get(entry.row.id)
    this.#entries.set(entry.row.id, entry)
    if (before && before.config !== entry.config) this.#redactors.retire(before.row.plugin, before.config)
    else this.#redactors.forget(entry.row.plugin)
  }

  #show(entry: Entry): Registration {
    const manifest = this.#parts.findManifest(entry.row.plugin)
    const problems = manifest ? this.#check(entry, manifest) : []
    return showRegistration(entry, {manifest, problems, now: this.#parts.clock.now()})
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
}
