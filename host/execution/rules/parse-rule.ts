import {HostError, isHostError} from '../../errors.ts'
import {MODULES, type Module} from '../../record-types.ts'
import {formatProblems, type Problem} from '../../schema.ts'
import type {RuleAction, RuleDefinition, RuleTrigger} from '../../workflow-types.ts'
import {checkName} from '../check-names.ts'
import {checkTiming} from '../schedules/next-run.ts'
import {isCondition, isObject, isRow} from './check-shapes.ts'
import {EVENT_TYPE, moduleOfType} from './parse-event.ts'

export type ParsedRule = Required<RuleDefinition>

const MAX_ACTIONS = 50
const MAX_EVENTS = 50
const MAX_ROWS = 500
const MAX_LIMIT = 1000
const KEY = /^[a-z][\w-]{0,49}$/i
const MODES: readonly unknown[] = ['live', 'dryRun', 'test', undefined]
const ON_FAILURE: readonly unknown[] = ['stop', 'continue', undefined]

export function refuseRule(problem: string | readonly Problem[]): never {
  if (typeof problem === 'string') throw new HostError('RULE_INVALID', {reason: problem})
  throw new HostError('RULE_INVALID', {reason: formatProblems(problem), problems: problem})
}

/** The modules whose records start a rule. */
export function modulesOf(trigger: RuleTrigger): Module[] {
  return trigger.kind === 'event' ? [...new Set(trigger.events.map(moduleOfType))] : [trigger.module]
}

/** Defaults filled in; what it names may be missing. Throws RULE_INVALID. */
export function parseRule(
  {name, enabled = true, trigger, when = null, actions}: RuleDefinition,
  now: number,
): ParsedRule {
  const problems: Problem[] = []
  const report = (pointer: string, message: string): void => void problems.push({pointer, message})
  if (typeof enabled !== 'boolean') report('/enabled', 'must be true or false')
  const parsed = parseTrigger(trigger, now, report)
  if (when !== null) checkShape(when, '/when', report)
  if (!Array.isArray(actions) || actions.length === 0 || actions.length > MAX_ACTIONS)
    return refuseRule(`/actions must have 1 to ${MAX_ACTIONS} actions`)
  if (!actions.every(isObject)) return refuseRule('/actions must hold objects')
  for (const [index, action] of actions.entries()) checkAction(action, `/actions/${index}`, report)
  const keys = actions.map(action => action.key)
  for (const [index, key] of keys.entries())
    if (keys.indexOf(key) !== index) report(`/actions/${index}/key`, 'is the key of another action')
  if (problems.length > 0) refuseRule(problems)
  return {name: checkName(name, refuseRule), enabled, trigger: parsed, when, actions}
}

type Report = (pointer: string, message: string) => void

function parseTrigger(trigger: RuleTrigger, now: number, report: Report): RuleTrigger {
  const kind: unknown = (trigger as RuleTrigger | undefined)?.kind
  if (kind !== 'event' && kind !== 'period' && kind !== 'scenario')
    return refuseRule('/trigger/kind must be event, period or scenario')
  if (trigger.kind === 'event') {
    const {events} = trigger
    if (!Array.isArray(events) || events.length === 0 || events.length > MAX_EVENTS)
      report('/trigger/events', `must name 1 to ${MAX_EVENTS} events`)
    else if (!events.every(type => typeof type === 'string' && EVENT_TYPE.test(type)))
      report('/trigger/events', 'must be words joined by dots, as request.created')
    return {kind: 'event', events}
  }
  if (!MODULES.includes(trigger.module)) report('/trigger/module', `must be one of ${MODULES.join(', ')}`)
  if (trigger.kind === 'scenario') return {kind: 'scenario', module: trigger.module}
  const {cron, timeZone, module, where, limit} = trigger
  if (where !== undefined && !isObject(where)) report('/trigger/where', 'must be an object of fields and values')
  if (limit !== undefined && (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT))
    report('/trigger/limit', `must be a whole number from 1 to ${MAX_LIMIT}`)
  try {
    checkTiming({cron, timeZone}, now)
  } catch (error) {
    if (!isHostError(error)) throw error
    report('/trigger/cron', String(error.details.reason))
  }
  return {kind: 'period', cron, timeZone, module, ...(where && {where}), ...(limit !== undefined && {limit})}
}

function checkAction(action: RuleAction, pointer: string, report: Report): void {
  const {key, registration, mapping, rows, when, onFailure, mode} = action
  if (typeof key !== 'string' || !KEY.test(key)) report(`${pointer}/key`, 'must be a word of up to 50 characters')
  if (typeof registration !== 'string') report(`${pointer}/registration`, 'must be text')
  if (typeof action.action !== 'string') report(`${pointer}/action`, 'must be text')
  if (mapping !== undefined && typeof mapping !== 'string') report(`${pointer}/mapping`, 'must be text')
  if ((mapping === undefined) === (rows === undefined)) report(pointer, 'must have either mapping or rows')
  if (rows !== undefined && !(Array.isArray(rows) && rows.length <= MAX_ROWS))
    report(`${pointer}/rows`, `must be a list of up to ${MAX_ROWS}`)
  else if (rows && !rows.every(isRow)) report(`${pointer}/rows`, 'must each have a target and a template')
  if (!ON_FAILURE.includes(onFailure)) report(`${pointer}/onFailure`, 'must be stop or continue')
  if (!MODES.includes(mode)) report(`${pointer}/mode`, 'must be live, dryRun or test')
  if (when !== undefined) checkShape(when, `${pointer}/when`, report)
}

function checkShape(condition: unknown, pointer: string, report: Report): void {
  if (!isCondition(condition)) report(pointer, 'must be {all: [...]}, {any: [...]} or {field, is, value}')
}
