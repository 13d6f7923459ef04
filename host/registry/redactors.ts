import type {JsonObject} from '../../runtime/protocol.ts'
import type {Manifest} from '../manifest.ts'
import {configSchema} from './parse-config.ts'
import {createRedactor, type Redactor} from './redact.ts'
import {listSecrets} from './secret-fields.ts'

/** Values of a plugin that are no longer stored, or were only tried out, and are still taken out of what it says. */
const RETIRED = 200

interface RedactorParts {
  findManifest: (plugin: string) => Manifest | undefined
  /** Of all its registrations, as they are now. */
  listConfigs: (plugin: string) => JsonObject[]
}

interface PluginRedactor {
  shown: Redactor
  manifest?: Manifest | undefined
  /** undefined when it must be made anew. */
  made?: Redactor | undefined
  retired: Set<string>
}

/** What takes secrets out, by plugin: one process knows the secrets of all its registrations, and may mix them up. */
export class Redactors {
  readonly #parts: RedactorParts
  readonly #plugins = new Map<string, PluginRedactor>()

  constructor(parts: RedactorParts) {
    this.#parts = parts
  }

  /** Always the same object, which knows the secrets of the moment it is asked. */
  forPlugin(plugin: string): Redactor {
    return this.#find(plugin).shown
  }

  /** A configuration has changed. */
  forget(plugin: string): void {
    this.#find(plugin).made = undefined
  }

  /** The secrets of a configuration that was replaced, removed or only tried: its plugin may speak of them for a while. */
  retire(plugin: string, config: JsonObject, manifest = this.#parts.findManifest(plugin)): void {
    const {retired} = this.#find(plugin)
    for (const value of listSecrets(configSchema(manifest), config)) {
      // Newest last, so that the oldest falls out.
      retired.delete(value)
      retired.add(value)
    }
    for (const value of retired) if (retired.size > RETIRED) retired.delete(value)
    this.forget(plugin)
  }

  #find(plugin: string): PluginRedactor {
    const known = this.#plugins.get(plugin)
    if (known) return known
    const current = (): Redactor => this.#make(plugin, made)
    const shown: Redactor = {
      get empty() {
        return current().empty
      },
      text: value => current().text(value),
      line: value => current().line(value),
      json: value => current().json(value),
    }
    const made: PluginRedactor = {shown, retired: new Set()}
    this.#plugins.set(plugin, made)
    return made
  }

  #make(plugin: string, entry: PluginRedactor): Redactor {
    const manifest = this.#parts.findManifest(plugin)
    if (entry.made && entry.manifest === manifest) return entry.made
    const schema = configSchema(manifest)
    const stored = this.#parts.listConfigs(plugin).flatMap(config => listSecrets(schema, config))
    entry.made = createRedactor([...stored, ...entry.retired])
    entry.manifest = manifest
    return entry.made
  }
}
