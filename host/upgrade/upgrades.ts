import type {LogLevel} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import type {ActivateOptions, UpgradeReport} from '../upgrade-types.ts'
import {type AssessParts, assess, findAgreed} from './assess.ts'
import {describePermissions, diffPermissions, effectivePermissions, joinPermissions} from './diff-permissions.ts'
import {makeActive} from './make-active.ts'
import {listBroken, refuseUpgrade} from './refuse-upgrade.ts'

export interface UpgradesParts extends AssessParts {
  registrations: AssessParts['registrations']
  /** Runs after whatever else changes this plugin's registrations or its active version. */
  inTurn<T>(plugin: string, run: () => Promise<T>): Promise<T>
  tell(plugin: string, version: string, level: LogLevel, message: string): void
}

/** The way from one version of a plugin to another. */
export interface Upgrades {
  /** Throws PLUGIN_NOT_FOUND, PLUGIN_VERSION_NOT_FOUND. */
  preview(plugin: string, version: string, options?: {rehearse?: number}): Promise<UpgradeReport>
  /**
   * `run` makes processes of the version take the calls, and calls `commit` when (or before) they do: then it is the active one and
   * the configurations are migrated. When `run` rejects before that, everything is as it was. Throws CONSENT_NEEDED, UPGRADE_BREAKS,
   * REHEARSAL_DIFFERS. Answers null where there was no other version to come from.
   */
  activate(
    plugin: string,
    version: string,
    options: ActivateOptions,
    run: (commit: () => void) => Promise<void>,
  ): Promise<UpgradeReport | null>
}

export function createUpgrades(parts: UpgradesParts): Upgrades {
  const {catalog, registrations, inTurn, tell} = parts

  function refuseGrowth(plugin: string, version: string, {consent = false}: ActivateOptions): void {
    const agreed = findAgreed(parts, plugin)
    if (consent || !agreed) return
    const {added, grows} = diffPermissions(agreed, effectivePermissions(catalog.getVersion(plugin, version).manifest))
    if (!grows) return
    const problems = Object.entries(added).map(([name, value]) => ({
      code: 'PERMISSION_ADDED',
      remedy: 'Agree to it, or stay with the version before',
      pointer: `/permissions/${name}`,
      message: `asks for ${Array.isArray(value) ? value.join(', ') : name}`,
    }))
    throw new HostError('CONSENT_NEEDED', {id: plugin, version, reason: describePermissions(added), problems})
  }

  async function judge(plugin: string, version: string, options: ActivateOptions) {
    const {consent = false, rehearse = 0} = options
    refuseGrowth(plugin, version, options)
    const assessment = await assess(plugin, version, {consent, rehearse}, parts)
    const {from} = assessment.report
    if (from !== null && from !== version) refuseUpgrade(assessment.report, options)
    return assessment
  }

  function commit(plugin: string, version: string): void {
    const asked = effectivePermissions(catalog.getVersion(plugin, version).manifest)
    makeActive(parts, plugin, version, joinPermissions(findAgreed(parts, plugin) ?? asked, asked))
  }

  function record(report: UpgradeReport, {force, consent, by = 'host'}: ActivateOptions): void {
    const {plugin, to, permissions, needsConsent} = report
    const {names} = listBroken(report)
    const {differs = 0, failed = 0} = report.rehearsal ?? {}
    const faults = [...names, ...(differs + failed > 0 ? [`${differs + failed} rehearsed executions`] : [])]
    if (force && faults.length > 0) {
      tell(plugin, to, 'warn', `Version ${to} was activated by force (${by}), although it breaks ${faults.join(', ')}`)
    }
    if (consent && needsConsent) {
      tell(plugin, to, 'info', `Consent to ${describePermissions(permissions.added)} was given (${by})`)
    }
  }

  return {
    async preview(plugin, version, {rehearse = 0} = {}) {
      return (await assess(plugin, version, {rehearse, consent: false}, parts)).report
    },
    async activate(plugin, version, options, run) {
      // It may take long, and nothing waits for it: what it finds is looked at once more afterwards, in turn.
      const rehearsed = options.rehearse ? await judge(plugin, version, options) : undefined
      return inTurn(plugin, async () => {
        const {report, configs} = await judge(plugin, version, {...options, rehearse: 0})
        const {manifest} = catalog.getVersion(plugin, version)
        registrations.moves.stage(plugin, manifest, configs)
        try {
          await run(() => commit(plugin, version))
        } finally {
          registrations.moves.unstage(manifest)
        }
        const whole = {...report, rehearsal: rehearsed?.report.rehearsal ?? null}
        const done = {...whole, ok: report.ok && (rehearsed?.report.ok ?? true)}
        record(done, options)
        return done.from === null || done.from === version ? null : done
      })
    },
  }
}
