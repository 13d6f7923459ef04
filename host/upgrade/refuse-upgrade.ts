import {HostError, isHostError} from '../errors.ts'
import type {Problem} from '../schema.ts'
import type {ActivateOptions, Rehearsal, UpgradeReport} from '../upgrade-types.ts'

/** Throws UPGRADE_BREAKS or REHEARSAL_DIFFERS with `details.problems`, unless forced. */
export function refuseUpgrade(report: UpgradeReport, {force = false}: Pick<ActivateOptions, 'force'>): void {
  if (force) return
  const {plugin: id, to: version, rehearsal} = report
  const {names, problems} = listBroken(report)
  if (problems.length > 0) throw new HostError('UPGRADE_BREAKS', {id, version, reason: names.join(', '), problems})
  if (!rehearsal || isClean(rehearsal)) return
  const {differs, failed} = rehearsal
  const reason = `${differs} of ${differs + failed + rehearsal.same} executions came to something else, and ${failed} failed`
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
export function listBroken(report: UpgradeReport): {names: string[]; problems: Problem[]} {
  const {brokenMappings, brokenRules, registrations} = report
  const found: [name: string, problem: Problem][] = [
    ...brokenMappings.map(({registration, mapping, pointer, message}): [string, Problem] => [
      `mapping "${mapping}" of registration "${registration}"`,
      {pointer: `/mappings/${registration}/${mapping}${pointer}`, message: `mapping "${mapping}": ${message}`},
    ]),
    ...brokenRules.map(({rule, message}): [string, Problem] => [
      `rule or schedule "${rule}"`,
      {pointer: `/rules/${rule}`, message},
    ]),
    ...registrations.flatMap(({registration, breaks, problems}) =>
      (breaks ? problems : []).map((message): [string, Problem] => [
        `the configuration of registration "${registration}"`,
        {pointer: `/registrations/${registration}`, message},
      ]),
    ),
  ]
  return {names: [...new Set(found.map(([name]) => name))], problems: found.map(([, problem]) => problem)}
}

function listDifferences({executions}: Rehearsal): Problem[] {
  return executions.flatMap(({execution, action, result, message, differences}): Problem[] => {
    const pointer = `/executions/${execution}`
    if (result === 'failed') return [{pointer, message: `action "${action}": ${message}`}]
    return differences.map(({pointer: place, before, after}) => ({
      pointer: `${pointer}${place}`,
      message: `action "${action}": ${JSON.stringify(before)} -> ${JSON.stringify(after)}`,
    }))
  })
}
