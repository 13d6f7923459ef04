import type {ConfigureParams, JsonObject, Permissions} from '../../runtime/protocol.ts'
import type {Manifest} from '../manifest.ts'
import type {Catalog} from '../registry/catalog.ts'
import type {Registrations} from '../registry/registrations.ts'
import type {UpgradeReport} from '../upgrade-types.ts'
import {diffPermissions, effectivePermissions} from './diff-permissions.ts'
import {diffManifests} from './diff-schemas.ts'
import {moveConfigs} from './move-configs.ts'
import {isClean, listBroken} from './refuse-upgrade.ts'
import {rehearse} from './rehearse.ts'
import type {MovedConfig, UpgradeEnd, UpgradeParts} from './types.ts'

export interface AssessParts extends UpgradeParts {
  catalog: Pick<Catalog, 'get' | 'findActive' | 'getVersion' | 'setActive'>
  registrations: Pick<Registrations, 'moves'>
  /** Of the version that serves. */
  listConfigurations(plugin: string, version: string): ConfigureParams[]
}

export interface Assessment {
  report: UpgradeReport
  /** Configurations in another shape than they are stored in, by registration. */
  configs: ReadonlyMap<string, JsonObject>
}

const NOTHING: Permissions = {net: [], exec: false, workers: false, addons: false, hostApi: [], effects: []}

/** What the plugin was allowed last; null when that was never asked. */
export function findAgreed({catalog}: Pick<AssessParts, 'catalog'>, plugin: string): Permissions | null {
  const active = catalog.findActive(plugin)
  return catalog.get(plugin).consent ?? (active ? effectivePermissions(active.manifest) : null)
}

/** Finds out what activating the version would come to. Moves no traffic, stores nothing. */
export async function assess(
  plugin: string,
  version: string,
  options: {rehearse: number; consent: boolean},
  parts: AssessParts,
): Promise<Assessment> {
  const {catalog, registrations} = parts
  const {manifest} = catalog.getVersion(plugin, version)
  const active = catalog.findActive(plugin)
  const agreed = findAgreed(parts, plugin)
  const asked = effectivePermissions(manifest)
  const needsConsent = agreed !== null && diffPermissions(agreed, asked).grows
  const limited = needsConsent && !options.consent
  const to: UpgradeEnd = {version, manifest, permissions: limited ? agreed : asked}
  const target = {plugin, to, before: active?.manifest, needsConsent: limited}
  const moved = await moveConfigs(registrations.moves.plan(plugin, manifest), target, parts)
  const report: UpgradeReport = {
    plugin,
    from: active?.version ?? null,
    to: version,
    permissions: diffPermissions(active ? effectivePermissions(active.manifest) : NOTHING, asked),
    ...diffManifests(active?.manifest ?? {...manifest, actions: {}}, manifest),
    registrations: moved.map(({move: {registration}, migrated, problems, breaks}) => ({
      registration,
      migrated,
      ok: problems.length === 0,
      breaks,
      problems,
    })),
    ...(await listNewlyBroken(plugin, manifest, active?.manifest, parts)),
    needsConsent,
    rehearsal: null,
    ok: false,
  }
  if (active && options.rehearse > 0) {
    const from = {...active, permissions: effectivePermissions(active.manifest)}
    const old = {...from, configurations: parts.listConfigurations(plugin, active.version)}
    const fresh = {...to, configurations: listUsable(moved), ...(limited && manifest.process?.command && BLOCKED)}
    report.rehearsal = await rehearse({plugin, from: old, to: fresh}, options.rehearse, parts)
  }
  report.ok = listBroken(report).problems.length === 0 && (!report.rehearsal || isClean(report.rehearsal))
  return {report, configs: listMoved(moved)}
}

const BLOCKED = {blocked: 'a program of its own is not started before consent'}

function listUsable(moved: readonly MovedConfig[]): ConfigureParams[] {
  return moved.flatMap(({move: {registration, name, enabled}, config}) =>
    enabled && config ? [{registration, name, config}] : [],
  )
}

function listMoved(moved: readonly MovedConfig[]): Map<string, JsonObject> {
  return new Map(
    moved.flatMap(({move, config}) => (config && move.step !== 'keep' ? [[move.registration, config] as const] : [])),
  )
}

/** What is broken already is not held against the version. */
async function listNewlyBroken(
  plugin: string,
  manifest: Manifest,
  before: Manifest | undefined,
  {listBrokenMappings, listBrokenRules}: AssessParts,
): Promise<Pick<UpgradeReport, 'brokenMappings' | 'brokenRules'>> {
  // Nothing has worked so far.
  if (!before) return {brokenMappings: [], brokenRules: []}
  const [rules, old] = await Promise.all([listBrokenRules(plugin, manifest), listBrokenRules(plugin, before)])
  return {
    brokenMappings: await listBrokenMappings(plugin, manifest),
    brokenRules: rules.filter(({rule}) => !old.some(known => known.rule === rule)),
  }
}
