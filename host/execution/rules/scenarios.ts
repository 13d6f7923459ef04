import {HostError} from '../../errors.ts'
import {evaluateCondition} from '../../mapping/conditions.ts'
import type {MainRecord, Module} from '../../record-types.ts'
import type {RuleRow} from '../../store/rules.ts'
import type {RuleRun} from '../../workflow-types.ts'
import type {RuleRuns} from './rule-runs.ts'
import type {WorkflowParts} from './types.ts'

export interface ScenarioParts extends Pick<WorkflowParts, 'store' | 'listFields'> {
  runs: RuleRuns
  findRule(id: string): RuleRow
  getRecord(module: Module, id: string): Promise<MainRecord | null>
  /** Milliseconds. */
  waitMs: number
}

/** Runs rules on demand: a second click on the same record joins the first while it runs. */
export function createScenarios(parts: ScenarioParts): (id: string, record: string, by: string) => Promise<RuleRun> {
  const {store, runs, findRule, waitMs} = parts
  const starting = new Map<string, Promise<string>>()

  async function start(rule: RuleRow, module: Module, id: string, by: string): Promise<string> {
    const record = await parts.getRecord(module, id)
    if (!record) throw new HostError('RECORD_NOT_FOUND', {module, id})
    const fields = await parts.listFields(module)
    const found = rule.when && evaluateCondition(rule.when, {record, user: {name: by}}, fields)
    if (found && !found.fits) {
      const {explained} = found
      const missed = explained.filter(({fits}) => !fits).map(({text}) => text)
      refuse(rule.id, `${module} ${id} does not fit: ${missed.join('; ')}`, {explained})
    }
    const [run] = await runs.start([{rule, cause: null, event: null, module, record, old: null, by}], () => {})
    return run?.id ?? ''
  }

  /** The run that goes on for this record, or a new one. */
  function find(rule: RuleRow, module: Module, id: string, by: string): Promise<string> {
    const key = `${rule.id} ${module}:${id}`
    const known = starting.get(key)
    if (known !== undefined) return known
    const running = store.ruleRuns.listRunning(rule.id).find(run => run.record === `${module}:${id}`)
    if (running) return Promise.resolve(running.id)
    const started = start(rule, module, id, by).finally(() => starting.delete(key))
    starting.set(key, started)
    return started
  }

  return async (ruleId, record, by) => {
    const rule = findRule(ruleId)
    const {trigger} = rule
    if (trigger.kind !== 'scenario') return refuse(ruleId, `it is no scenario, but started by ${trigger.kind}`)
    if (!rule.enabled) return refuse(ruleId, 'it is disabled')
    const {module} = trigger
    const [, named = module, id = ''] = /^(?:(request|asset|user):)?(.+)$/.exec(record) ?? []
    if (named !== module) return refuse(ruleId, `it is for records of kind ${module}`)
    const run = await find(rule, module, id, by)
    await runs.waitForEnd(run, waitMs)
    return runs.get(run)
  }
}

function refuse(id: string, reason: string, details: object = {}): never {
  throw new HostError('RULE_REFUSED', {id, reason, ...details})
}
