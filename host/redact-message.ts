import {type JsonObject, METHODS} from '../runtime/protocol.ts'
import type {Manifest} from './manifest.ts'
import {configSchema} from './registry/parse-config.ts'
import type {Redactor} from './registry/redact.ts'
import {maskSecrets} from './registry/secret-fields.ts'

interface WithConfig {
  method: string
  params: {config: JsonObject}
}

/** A wire message that may be shown: secrets masked where the schema names them, and taken out by value everywhere else. */
export function redactMessage(message: unknown, manifest: Manifest | undefined, redactor: Redactor): unknown {
  if (!hasConfig(message)) return redactor.json(message)
  // Too short for a search by value is still a secret.
  const config = manifest ? maskSecrets(configSchema(manifest), message.params.config) : {}
  return redactor.json({...message, params: {...message.params, config}})
}

/** The only messages that carry a configuration, in the clear. */
function hasConfig(message: unknown): message is WithConfig {
  const {method, params} = Object(message) as {method?: unknown; params?: unknown}
  if (method !== METHODS.configure && method !== METHODS.test && method !== METHODS.migrate) return false
  const {config} = Object(params) as {config?: unknown}
  return typeof config === 'object' && config !== null && !Array.isArray(config)
}
