import {isDeepStrictEqual} from 'node:util'
import type {JsonObject} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import type {JsonSchema, Manifest} from '../manifest.ts'
import {type Check, compileSchema, formatProblems, type Problem} from '../schema.ts'
import {maskSecrets, restoreSecrets} from './secret-fields.ts'

/** Of a plugin that declares no configuration. */
const NO_CONFIG: JsonSchema = {type: 'object', additionalProperties: false}

const checks = new WeakMap<JsonSchema, Check>()

export function configSchema(manifest: Manifest | undefined): JsonSchema {
  return manifest?.config?.schema ?? NO_CONFIG
}

/**
 * A configuration that fits the manifest's schema, as a copy with the defaults filled in; masked secrets are taken from
 * `kept`. Throws CONFIG_INVALID with `details.problems`.
 */
export function parseConfig(manifest: Manifest, config: JsonObject, kept: JsonObject = {}): JsonObject {
  const schema = configSchema(manifest)
  const problems: Problem[] = []
  const complete = restoreSecrets(config, kept, maskSecrets(schema, kept), problems)
  const copy = structuredClone(complete) as JsonObject
  if (problems.length === 0) problems.push(...findCheck(schema)(copy))
  if (problems.length > 0) throw new HostError('CONFIG_INVALID', {reason: formatProblems(problems), problems})
  return copy
}

/** Compiled once; one compiled check lives as long as its manifest. */
function findCheck(schema: JsonSchema): Check {
  const check = checks.get(schema) ?? compileSchema(schema)
  checks.set(schema, check)
  return check
}

/** Why the configuration cannot stand beside the others: `config.uniqueId` names the fields that tell registrations apart. */
export function findTwin(
  manifest: Manifest,
  config: JsonObject,
  others: {row: {name: string}; config: JsonObject}[],
): string | undefined {
  const fields = manifest.config?.uniqueId ?? []
  if (fields.length === 0) return undefined
  const twin = others.find(other => fields.every(field => isDeepStrictEqual(other.config[field], config[field])))
  return twin && `"${twin.row.name}" has the same ${fields.join(', ')}`
}
