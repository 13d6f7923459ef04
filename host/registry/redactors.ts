import type {JsonObject} from '../../runtime/protocol.ts'
import type {Manifest} from '../manifest.ts'
import {configSchema} from './parse-config.ts'
import {createRedactor, type Redactor} from './redact.ts'
import {listSecrets} from './secret-fields.ts'

/** Values of a plugin that are no longer stored, or were only tried out, and are still taken out of what it says. */
const RETIRED = 50

interface Configured {
  row: {id: string; plugin: string}
  config: JsonObject
}

interface RedactorParts {
  findManifest: (plugin: string) => Manifest | undefined
  findEntry: (id: string) => Configured | undefined
  listEntries: (plugin: string) => Configured[]
}

interface Cached {
  manifest: Manifest | undefined
  redactor: Redactor
}

/** What takes secrets out; kept until a configuration or the plugin's manifest changes. */
export class Redactors {
  readonly #parts: RedactorParts
  /** By registration id, and by `plugin:` and plugin id. */
  readonly #cached = new Map<string, Cached>()
  readonly #retired = new Map<string, Set<string>>()
  /** Of removed registrations: what they had running still ends. */
  readonly #removed = new Map<string, string>()

  constructor(parts: RedactorParts) {
    this.#parts = parts
  }

  /** Of one registration, and of what its plugin has seen before. */
  forRegistration(id: string): Redactor {
    const entry = this.#parts.findEntry(id)
    return this.#find(id, entry?.row.plugin ?? this.#removed.get(id) ?? '', entry ? [entry] : [])
  }

  /** Of all registrations of the plugin. */
  forPlugin(plugin: string): Redactor {
    return this.#find(`plugin:${plugin}`, plugin, this.#parts.listEntries(plugin))
  }

  /** The secrets of a configuration that was replaced, removed or only tried: its plugin may speak of them for a while. */
  retire({id, plugin}: {id: string; plugin: string}, config: JsonObject): void {
    const retired = this.#retired.get(plugin) ?? new Set()
    this.#retired.set(plugin, retired)
    for (const value of listSecrets(configSchema(this.#parts.findManifest(plugin)), config)) {
      // Newest last, so that the oldest falls out.
      retired.delete(value)
      retired.add(value)
    }
    for (const value of retired) if (retired.size > RETIRED) retired.delete(value)
    this.forget({id, plugin})
  }

  /** A configuration has changed. */
  forget({id, plugin}: {id: string; plugin: string}): void {
    this.#cached.delete(id)
    this.#cached.delete(`plugin:${plugin}`)
    for (const {row} of this.#parts.listEntries(plugin)) this.#cached.delete(row.id)
  }

  remember({id, plugin}: {id: string; plugin: string}): void {
    this.#removed.set(id, plugin)
  }

  #find(key: string, plugin: string, entries: Configured[]): Redactor {
    const manifest = this.#parts.findManifest(plugin)
    const cached = this.#cached.get(key)
    if (cached && cached.manifest === manifest) return cached.redactor
    const stored = entries.flatMap(({config}) => listSecrets(configSchema(manifest), config))
    const redactor = createRedactor([...stored, ...(this.#retired.get(plugin) ?? [])])
    if (plugin !== '') this.#cached.set(key, {manifest, redactor})
    return redactor
  }
}
