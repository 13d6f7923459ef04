import type {Rule, RuleRun, RuleTest, Schedule} from '../host/index.ts'
import {renderFacts, renderTable, renderTime} from './render-table.ts'

export function describeTrigger({trigger}: Rule): string {
  if (trigger.kind === 'event') return trigger.events.join(', ')
  if (trigger.kind === 'scenario') return `by hand, for a ${trigger.module}`
  return `${trigger.cron} (${trigger.timeZone}), each ${trigger.module}`
}

export function describeRule(rule: Rule): string {
  const facts = renderFacts({
    rule: rule.id,
    name: rule.name,
    enabled: rule.enabled ? 'yes' : 'no',
    when: describeTrigger(rule),
    condition: rule.when === null ? undefined : JSON.stringify(rule.when),
    position: rule.position,
    next: renderTime(rule.nextAt),
    last: renderTime(rule.lastAt),
  })
  const rows = rule.actions.map(action => [
    action.key,
    action.registration,
    action.action,
    action.mapping ?? `${action.rows?.length ?? 0} rows`,
    action.when === undefined ? '' : JSON.stringify(action.when),
    action.onFailure ?? 'stop',
  ])
  const steps = renderTable(['STEP', 'REGISTRATION', 'ACTION', 'MAPPING', 'CONDITION', 'ON FAILURE'], rows, '')
  const problems = rule.problems.map(({pointer, message}) => `  ${pointer} ${message}`)
  return [facts, '', steps, ...(problems.length > 0 ? ['', 'What keeps it from working:', ...problems] : [])].join('\n')
}

export function describeRun(run: RuleRun): string {
  const facts = renderFacts({
    run: run.id,
    rule: run.ruleName,
    status: run.status,
    record: run.record,
    event: run.event,
    by: run.by,
    started: renderTime(run.startedAt),
    ended: renderTime(run.endedAt),
  })
  const rows = run.steps.map(({key, status, execution, message}) => [key, status, execution ?? '', message])
  return `${facts}\n\n${renderTable(['STEP', 'STATUS', 'EXECUTION', ''], rows, '')}`
}

export function describeRuns(runs: readonly RuleRun[]): string {
  const rows = runs.map(({id, startedAt, ruleName, record, status, steps}) => [
    id,
    renderTime(startedAt),
    ruleName,
    record ?? '',
    status,
    steps.find(step => step.message !== '')?.message ?? '',
  ])
  return renderTable(['RUN', 'STARTED', 'RULE', 'RECORD', 'STATUS', ''], rows, 'There is none')
}

export function describeTest({fits, explained, steps}: RuleTest): string {
  const mark = (is: boolean): string => (is ? 'yes' : 'no ')
  const lines = explained.map(entry => `  ${mark(entry.fits)} ${entry.text}`)
  const parts = steps.flatMap(step => [
    `  ${mark(step.fits)} ${step.key} ${JSON.stringify(step.input)}`,
    ...step.problems.map(({pointer, message}) => `        ${pointer} ${message}`),
  ])
  return [
    fits ? 'The rule fits' : 'The rule does not fit',
    ...lines,
    'Its steps, nothing was executed:',
    ...parts,
  ].join('\n')
}

export function describeSchedule(schedule: Schedule): string {
  const {jitterMs, enabled, lastStatus, lastMessage} = schedule
  return renderFacts({
    schedule: schedule.id,
    name: schedule.name,
    enabled: enabled ? 'yes' : 'no',
    action: `${schedule.registration} ${schedule.action}`,
    input: JSON.stringify(schedule.input),
    cron: `${schedule.cron} (${schedule.timeZone})`,
    'catch up': schedule.catchUp,
    overlap: schedule.overlap,
    jitter: jitterMs > 0 ? `${jitterMs} ms` : undefined,
    next: renderTime(schedule.nextAt),
    last: renderTime(schedule.lastAt),
    'came to': lastStatus === null ? undefined : `${lastStatus}${lastMessage && `: ${lastMessage}`}`,
    execution: schedule.lastExecution,
  })
}
