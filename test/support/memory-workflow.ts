import {HostError} from '../../host/errors.ts'
import type {Rule, RuleRun, RuleVerbs, Schedule, ScheduleVerbs, StoredEvent} from '../../host/types.ts'
import {findOrRefuse} from './find-or-refuse.ts'

const NOW = 1_800_000_000_000

const TIMES = {createdAt: NOW, updatedAt: NOW, nextAt: null, lastAt: null}

function describeRun(rule: Rule, {event, record, by}: Pick<RuleRun, 'event' | 'record' | 'by'>): RuleRun {
  const ended = {status: 'succeeded' as const, startedAt: NOW, endedAt: NOW}
  return {id: `run-${rule.id}`, rule: rule.id, ruleName: rule.name, event, record, by, steps: [], ...ended}
}

/** Events and rules over plain maps; an event starts every rule that is for it. */
export function ruleVerbs(): RuleVerbs {
  const events = new Map<string, StoredEvent>()
  const rules = new Map<string, Rule>()
  const runs = new Map<string, RuleRun>()
  const find = (id: string): Rule => findOrRefuse(rules, id, 'RULE_NOT_FOUND')
  const begin = (rule: Rule, about: Pick<RuleRun, 'event' | 'record' | 'by'>): RuleRun => {
    const run = describeRun(rule, about)
    runs.set(run.id, run)
    return run
  }
  const verbs: RuleVerbs = {
    async handleEvent({id = `event-${events.size + 1}`, type, module = 'request', record, old = undefined}, by) {
      if (type.includes(' ')) throw new HostError('EVENT_INVALID', {reason: 'its type must be words'})
      const known = events.get(id)
      if (known) return {event: id, duplicate: true, runs: known.runs.flatMap(run => runs.get(run) ?? [])}
      const begun = [...rules.values()]
        .filter(({trigger}) => trigger.kind === 'event' && trigger.events.includes(type))
        .map(rule => begin(rule, {event: id, record: `${module}:${String(record.id)}`, by}))
      events.set(id, {id, type, module, record, old: old ?? null, at: NOW, by, runs: begun.map(run => run.id)})
      return {event: id, duplicate: false, runs: begun}
    },
    listEvents: ({type, limit = 100} = {}) =>
      [...events.values()]
        .reverse()
        .filter(event => type === undefined || event.type === type)
        .slice(0, limit),
    getEvent: id => findOrRefuse(events, id, 'EVENT_NOT_FOUND'),
    listRules: async () => [...rules.values()],
    getRule: async id => find(id),
    async createRule({id = `rule-${rules.size + 1}`, enabled = true, when = null, ...rule}) {
      if (rules.has(id)) throw new HostError('RULE_EXISTS', {id})
      rules.set(id, {...TIMES, ...rule, id, enabled, when, position: rules.size + 1, problems: []})
      return find(id)
    },
    async updateRule(id, change) {
      rules.set(id, {...find(id), ...change})
      return find(id)
    },
    duplicateRule: async id => verbs.createRule({...find(id), id: `${id}-copy`, enabled: false}),
    async removeRule(id) {
      find(id)
      rules.delete(id)
    },
    async testRule(id, event) {
      find(id)
      if (typeof event === 'string') verbs.getEvent(event)
      return {fits: true, explained: [{text: 'subject is "Printer"', fits: true}], steps: []}
    },
    runScenario: async (id, record, by) => begin(find(id), {event: null, record: `request:${record}`, by}),
    listRuleRuns: ({rule, limit = 100} = {}) =>
      [...runs.values()].filter(run => rule === undefined || run.rule === rule).slice(0, limit),
    getRuleRun: id => findOrRefuse(runs, id, 'RULE_RUN_NOT_FOUND'),
  }
  return verbs
}

/** Schedules over a plain map. */
export function scheduleVerbs(): ScheduleVerbs {
  const schedules = new Map<string, Schedule>()
  const find = (id: string): Schedule => findOrRefuse(schedules, id, 'SCHEDULE_NOT_FOUND')
  const blank = {
    ...TIMES,
    input: {},
    enabled: true,
    catchUp: 'one' as const,
    overlap: 'skip' as const,
    jitterMs: 0,
    lastExecution: null,
    lastStatus: null,
    lastMessage: '',
  }
  return {
    listSchedules: () => [...schedules.values()],
    getSchedule: find,
    async createSchedule({id = `schedule-${schedules.size + 1}`, ...schedule}) {
      if (schedules.has(id)) throw new HostError('SCHEDULE_EXISTS', {id})
      schedules.set(id, {...blank, ...schedule, id})
      return find(id)
    },
    async updateSchedule(id, change) {
      schedules.set(id, {...find(id), ...change})
      return find(id)
    },
    async removeSchedule(id) {
      find(id)
      schedules.delete(id)
    },
    async runSchedule(id) {
      const run = {...find(id), lastStatus: 'queued' as const, lastExecution: 'e1', lastAt: NOW}
      schedules.set(id, run)
      return run
    },
    previewSchedule: ({from = NOW, count = 5}) => ({
      times: Array.from({length: count}, (_, index) => from + (index + 1) * 60_000),
    }),
  }
}
