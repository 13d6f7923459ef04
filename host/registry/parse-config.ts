import {isDeepStrictEqual} from 'node:util'
import type {JsonObject} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import type {JsonSchema, Manifest} from '../manifest.ts'
import {type Check, compileSchema, formatProblems, type Problem, UNKNOWN_KEY} from '../schema.ts'
import {relaxConditions, settleConditions} from './conditional-fields.ts'
import {checkFiles} from './file-fields.ts'
import {maskSecrets, restoreSecrets} from './secret-fields.ts'

/** Of a plugin that declares no configuration. */
const NO_CONFIG: JsonSchema = {type: 'object', additionalProperties: false}
/** Up to this size every problem is told, above it the first: the work is then bounded. Characters of JSON. */
const TELL_ALL = 64 * 1024
const SHOWN = 100

export function configSchema(manifest: Manifest | undefined): JsonSchema {
  return manifest?.config?.schema ?? NO_CONFIG
}

export interface JudgeOptions {
  /** The configuration that masked secrets are taken from. */
  kept?: JsonObject
  /** Files are checked as of this time, milliseconds since 1970; not at all when left out. */
  filesAt?: number
}

/** A configuration as a copy: masked secrets put back, hidden fields dropped, defaults filled in; and all that keeps it from being used. */
export interface JudgedConfig {
  config: JsonObject
  /** Empty when it fits. */
  problems: Problem[]
  /** Those of them that not even a draft may have: nobody could tell whether what stands there is a secret. */
  faults: Problem[]
}

export function judgeConfig(
  manifest: Manifest,
  given: JsonObject,
  {kept = {}, filesAt}: JudgeOptions = {},
): JudgedConfig {
  const schema = configSchema(manifest)
  const masked: Problem[] = []
  const complete = restoreSecrets(given, kept, maskSecrets(schema, kept), masked)
  const {config, hidden, missing} = settleConditions(schema, structuredClone(complete) as JsonObject)
  const unkept = masked.filter(({pointer}) => !hidden.some(place => `${pointer}/`.startsWith(`${place}/`)))
  // A mask is no value: what the schema says about it would mislead.
  const problems = unkept.length > 0 ? unkept : [...missing, ...checkShape(schema, config)]
  if (filesAt !== undefined && problems.length === 0) problems.push(...checkFiles(schema, config, filesAt).problems)
  const faults = [...unkept, ...problems.filter(({message}) => message === UNKNOWN_KEY)]
  return {config, problems: problems.slice(0, SHOWN), faults}
}

/**
 * A configuration that fits the manifest's schema, as a copy with the defaults filled in. Throws CONFIG_INVALID with
 * `details.problems`.
 */
export function parseConfig(manifest: Manifest, given: JsonObject, options?: JudgeOptions): JsonObject {
  const {config, problems} = judgeConfig(manifest, given, options)
  refuseProblems(problems)
  return config
}

/** Throws CONFIG_INVALID when there is any. */
export function refuseProblems(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new HostError('CONFIG_INVALID', {reason: formatProblems(problems), problems})
}

const checks = new WeakMap<JsonSchema, {first: Check; all: () => Check}>()

function checkShape(schema: JsonSchema, config: JsonObject): Problem[] {
  const check = findCheck(schema)
  const first = check.first(config)
  return first.length > 0 && JSON.stringify(config).length <= TELL_ALL ? check.all()(config) : first
}

/** Compiled once; one compiled check lives as long as its manifest. */
function findCheck(schema: JsonSchema): {first: Check; all: () => Check} {
  const known = checks.get(schema)
  if (known) return known
  const relaxed = relaxConditions(schema)
  let all: Check | undefined
  const check = {first: compileSchema(relaxed), all: () => (all ??= compileSchema(relaxed, {all: true}))}
  checks.set(schema, check)
  return check
}

interface Sibling {
  row: {id: string; name: string}
  config: JsonObject
}

/** Throws REGISTRATION_EXISTS when another has the same values in the fields of `config.uniqueId`, which tell registrations apart. */
export function refuseTwin(
  id: string,
  manifest: Manifest,
  {config, draft}: {config: JsonObject; draft: boolean},
  siblings: readonly Sibling[],
): void {
  const fields = manifest.config?.uniqueId ?? []
  // A draft may still come to differ in what it lacks.
  if (fields.length === 0 || (draft && fields.some(field => config[field] === undefined))) return
  const others = siblings.filter(({row}) => row.id !== id)
  const twin = others.find(other => fields.every(field => isDeepStrictEqual(other.config[field], config[field])))
  if (!twin) return
  throw new HostError('REGISTRATION_EXISTS', {id, reason: `"${twin.row.name}" has the same ${fields.join(', ')}`})
}
