import {HostError, isHostError} from '../errors.ts'
import type {ActivateOptions, Rehearsal, UpgradeReport} from '../upgrade-types.ts'

/** One thing that speaks against a version, in its place; ready for people. */
export interface UpgradeProblem {
  code: 'MAPPING_BROKEN' | 'RULE_BROKEN' | 'CONFIG_BROKEN' | 'ANSWER_DIFFERS' | 'REHEARSAL_FAILED'
  /** `/mappings/<registration>/<name>...`, `/rules/<id>`, `/registrations/<id>`, `/executions/<id>...` */
  pointer: string
  message: string
  remedy: string
}

/** Throws UPGRADE_BREAKS or REHEARSAL_DIFFERS with `details.problems`, unless forced. */
export function refuseUpgrade(report: UpgradeReport, {force = false}: Pick<ActivateOptions, 'force'>): void {
  if (force) return
  const {plugin: id, to: version, rehearsal} = report
  const {names, problems} = listBroken(report)
  if (problems.length > 0) throw new HostError('UPGRADE_BREAKS', {id, version, reason: names.join(', '), problems})
  if (!rehearsal || isClean(rehearsal)) return
  const {same, differs, failed} = rehearsal
  const reason = `${differs} of ${same + differs + failed} executions came to something else, and ${failed} failed`
  throw new HostError('REHEARSAL_DIFFERS', {id, version, reason, problems: listDifferences(rehearsal)})
}

/** The version is installed, and only not activated: consent or force would. */
export function isHeldBack(error: unknown): error is HostError {
  return isHostError(error) && ['CONSENT_NEEDED', 'UPGRADE_BREAKS', 'REHEARSAL_DIFFERS'].includes(error.code)
}

export function isClean({differs, failed}: Rehearsal): boolean {
  return differs + failed === 0
}

/** What the version breaks: names for a sentence, and each problem in its place. */
export function listBroken(report: UpgradeReport): {names: string[]; problems: UpgradeProblem[]} {
  const {brokenMappings, brokenRules, registrations} = report
  const found: {name: string; problem: UpgradeProblem}[] = [
    ...brokenMappings.map(({registration, mapping, pointer: place, message: text}) => {
      const pointer = `/mappings/${registration}/${mapping}${place}`
      const message = `mapping "${mapping}" of registration "${registration}": ${text}`
      const problem = {code: 'MAPPING_BROKEN' as const, pointer, message, remedy: 'Change the mapping'}
      return {name: `mapping "${mapping}" of registration "${registration}"`, problem}
    }),
    ...brokenRules.map(({rule, message}) => {
      const remedy = 'Change the rule or schedule'
      return {
        name: `rule or schedule "${rule}"`,
        problem: {code: 'RULE_BROKEN' as const, pointer: `/rules/${rule}`, message, remedy},
      }
    }),
    ...registrations.flatMap(({registration, breaks, problems}) =>
      (breaks ? problems : []).map(message => {
        const pointer = `/registrations/${registration}`
        const remedy = 'Change the configuration, or ask the plugin’s author'
        const problem = {code: 'CONFIG_BROKEN' as const, pointer, message, remedy}
        return {name: `the configuration of registration "${registration}"`, problem}
      }),
    ),
  ]
  return {names: [...new Set(found.map(({name}) => name))], problems: found.map(({problem}) => problem)}
}

function listDifferences({executions}: Rehearsal): UpgradeProblem[] {
  return executions.flatMap(({execution, action, result, message: text, differences}): UpgradeProblem[] => {
    const pointer = `/executions/${execution}`
    if (result === 'failed') {
      const message = `action "${action}": ${text}`
      return [{code: 'REHEARSAL_FAILED', pointer, message, remedy: 'Ask the plugin’s author'}]
    }
    return differences.map(({pointer: place, before, after}) => ({
      code: 'ANSWER_DIFFERS',
      pointer: `${pointer}${place}`,
      message: `action "${action}": ${JSON.stringify(before)} -> ${JSON.stringify(after)}`,
      remedy: 'See whether that is wanted',
    }))
  })
}
