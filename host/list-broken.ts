import {findChecks} from './execution/action-checks.ts'
import {modulesOf} from './execution/rules/parse-rule.ts'
import {checkRows} from './execution/rules/rule-problems.ts'
import type {WorkflowParts} from './execution/rules/types.ts'
import type {Manifest} from './manifest.ts'
import {formatProblems} from './schema.ts'
import type {RuleRow} from './store/rules.ts'
import type {ScheduleRow} from './store/schedules.ts'
import type {UpgradeReport} from './upgrade-types.ts'

export type BrokenParts = Pick<WorkflowParts, 'store' | 'findRegistration' | 'findManifest' | 'listFields'>
type Broken = UpgradeReport['brokenRules']

/** Rules and schedules that work now and would not with another manifest: the action is gone, or takes another input. */
export async function listBroken(plugin: string, manifest: Manifest, parts: BrokenParts): Promise<Broken> {
  const {store, findRegistration} = parts
  const isOfPlugin = ({registration}: {registration: string}): boolean =>
    findRegistration(registration)?.plugin === plugin
  const list = async (next: Manifest): Promise<Broken> => {
    const rules: Broken = []
    for (const rule of store.rules.list())
      for (const action of rule.actions.filter(isOfPlugin)) rules.push(...(await checkStep(rule, action, next, parts)))
    return [
      ...rules,
      ...store.schedules
        .list()
        .filter(isOfPlugin)
        .flatMap(schedule => checkSchedule(schedule, next)),
    ]
  }
  const current = parts.findManifest(plugin)?.manifest
  const known = new Set((current ? await list(current) : []).map(({rule, message}) => `${rule} ${message}`))
  return (await list(manifest)).filter(({rule, message}) => !known.has(`${rule} ${message}`))
}

async function checkStep(
  {id, name, trigger}: RuleRow,
  action: RuleRow['actions'][number],
  manifest: Manifest,
  {listFields}: BrokenParts,
): Promise<Broken> {
  const [module = 'request'] = modulesOf(trigger)
  const what = `rule "${name}", step "${action.key}"`
  if (!Object.hasOwn(manifest.actions, action.action))
    return [{rule: id, message: `${what}: there is no action "${action.action}" any more`}]
  if (action.rows === undefined) return []
  const problems = checkRows(action, {module, fields: await listFields(module)}, manifest)
  return problems.length === 0 ? [] : [{rule: id, message: `${what}: ${formatProblems(problems)}`}]
}

function checkSchedule({id, name, action, input}: ScheduleRow, manifest: Manifest): Broken {
  const settings = Object.hasOwn(manifest.actions, action) ? manifest.actions[action] : undefined
  if (!settings) return [{rule: id, message: `schedule "${name}": there is no action "${action}" any more`}]
  const problems = findChecks(settings).input(structuredClone(input))
  return problems.length === 0 ? [] : [{rule: id, message: `schedule "${name}": ${formatProblems(problems)}`}]
}
