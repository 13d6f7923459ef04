import type {JsonObject} from '../../../runtime/protocol.ts'
import type {Module} from '../../record-types.ts'
import type {RuleRunRow} from '../../store/rule-runs.ts'
import type {RuleRow} from '../../store/rules.ts'
import type {RuleStep} from '../../workflow-types.ts'

const OPEN: ReadonlySet<RuleStep['status']> = new Set(['queued', 'running', 'retrying'])
const WELL: ReadonlySet<RuleStep['status']> = new Set(['succeeded', 'skipped'])

/** What a rule is started with. */
export interface NewRun {
  rule: RuleRow
  cause: string | null
  event: string | null
  module: Module
  record: JsonObject
  old: JsonObject | null
  by: string
}

/** A run whose steps all wait. */
export function createRun(
  {rule, cause, event, module, record, old, by}: NewRun,
  {id, now}: {id: string; now: number},
): RuleRunRow {
  return {
    id,
    rule: rule.id,
    ruleName: rule.name,
    cause,
    event,
    record: typeof record.id === 'string' && record.id !== '' ? `${module}:${record.id}` : null,
    status: 'running',
    steps: rule.actions.map(({key}) => ({key, status: 'waiting', execution: null, message: ''})),
    by,
    startedAt: now,
    endedAt: null,
    work: {actions: rule.actions, module, record, old},
  }
}

/** True while the execution of a step has not ended. */
export function isOpen({status}: RuleStep): boolean {
  return OPEN.has(status)
}

/** True when a step came to what keeps the run from succeeding. */
export function hasFailed({status}: RuleStep): boolean {
  return status !== 'waiting' && !OPEN.has(status) && !WELL.has(status)
}

/** The run with one step changed. */
export function changeStep(run: RuleRunRow, index: number, change: Partial<RuleStep>): RuleRunRow {
  return {...run, steps: run.steps.map((step, at) => (at === index ? {...step, ...change} : step))}
}

/**
 * Ends the run where nothing is left to do: all steps have ended, or one has failed whose rule says to stop. It has failed
 * when one of its steps has, also when it went on after that.
 */
export function settleRun(run: RuleRunRow, now: number): RuleRunRow {
  if (run.work === null || run.steps.some(isOpen)) return run
  const {actions} = run.work
  const isStopped = run.steps.some((step, at) => hasFailed(step) && actions[at]?.onFailure !== 'continue')
  if (!isStopped && run.steps.some(({status}) => status === 'waiting')) return run
  const steps = run.steps.map<RuleStep>(step =>
    step.status === 'waiting' ? {...step, status: 'skipped', message: 'a step before it failed'} : step,
  )
  const status = steps.some(hasFailed) ? 'failed' : 'succeeded'
  return {...run, steps, status, endedAt: now, work: null}
}
