import {HostError} from '../../errors.ts'
import type {RuleRow} from '../../store/rules.ts'
import type {Rule, RuleDefinition, RuleVerbs} from '../../workflow-types.ts'
import {checkId, mergeChange} from '../check-names.ts'
import {createIdSource} from '../create-id.ts'
import {nextRun} from '../schedules/next-run.ts'
import {type ParsedRule, parseRule, refuseRule} from './parse-rule.ts'
import {listProblems, type ProblemParts} from './rule-problems.ts'
import type {WorkflowParts} from './types.ts'

const MAX_RULES = 1000

type Verb = 'listRules' | 'getRule' | 'createRule' | 'updateRule' | 'duplicateRule' | 'removeRule'

export interface RuleParts extends ProblemParts, Pick<WorkflowParts, 'clock' | 'store'> {
  /** A rule was saved: its times may have changed. */
  onChange(): void
}

/** The rules and their order. What is running when a rule is changed or removed goes on as it began. */
export function createRules(parts: RuleParts): Pick<RuleVerbs, Verb> & {find(id: string): RuleRow} {
  const {clock, store, onChange} = parts
  const createId = createIdSource(clock.now)

  function find(id: string): RuleRow {
    const row = store.rules.find(id)
    if (!row) throw new HostError('RULE_NOT_FOUND', {id})
    return row
  }

  async function show({plannedAt: _, ...rule}: RuleRow): Promise<Rule> {
    return {...rule, problems: await listProblems(rule, parts)}
  }

  /** A rule that is on must work; one that is off may be unfinished. */
  async function check(rule: ParsedRule): Promise<void> {
    const problems = rule.enabled ? await listProblems(rule, parts) : []
    if (problems.length > 0) refuseRule(problems)
  }

  /** In the place asked for, the others around it. One transaction. */
  function save(row: RuleRow): void {
    store.commitNow(() => {
      const others = store.rules.list().filter(({id}) => id !== row.id)
      others.splice(Math.max(0, row.position - 1), 0, row)
      for (const [index, rule] of others.entries())
        if (rule.id === row.id || rule.position !== index + 1) store.rules.save({...rule, position: index + 1})
    })
    onChange()
  }

  function planOf({enabled, trigger}: ParsedRule): number | null {
    return enabled && trigger.kind === 'period' ? nextRun(trigger.cron, trigger.timeZone, clock.now()) : null
  }

  function add(rule: ParsedRule, id: string, position: number): Promise<Rule> {
    const now = clock.now()
    if (store.rules.find(id)) throw new HostError('RULE_EXISTS', {id})
    if (store.rules.list().length >= MAX_RULES) refuseRule(`there are ${MAX_RULES} rules already`)
    const plan = {nextAt: planOf(rule), lastAt: null, plannedAt: null}
    save({...rule, ...plan, id, position, createdAt: now, updatedAt: now})
    return show(find(id))
  }

  return {
    find,
    listRules: () => Promise.all(store.rules.list().map(show)),
    getRule: async id => show(find(id)),
    async createRule({id: asked, ...given}) {
      const id = asked === undefined ? createId() : checkId(asked, refuseRule)
      const rule = parseRule(given, clock.now())
      if (store.rules.find(id)) throw new HostError('RULE_EXISTS', {id})
      await check(rule)
      return add(rule, id, MAX_RULES)
    },
    async updateRule(id, {position, ...change}) {
      if (position !== undefined && (!Number.isInteger(position) || position < 1))
        refuseRule('/position must be a whole number from 1')
      const merge = (): ParsedRule => parseRule(mergeChange(definitionOf(find(id)), change), clock.now())
      const isOrderOnly = Object.values(change).every(value => value === undefined)
      if (!isOrderOnly) await check(merge())
      // As it is by now: checking takes time.
      const [row, rule] = [find(id), merge()]
      const isSame = JSON.stringify([row.trigger, row.enabled]) === JSON.stringify([rule.trigger, rule.enabled])
      const updatedAt = Math.max(clock.now(), row.updatedAt + 1)
      const nextAt = isSame ? row.nextAt : planOf(rule)
      save({...row, ...rule, nextAt, updatedAt, position: position ?? row.position})
      return show(find(id))
    },
    async duplicateRule(id) {
      const row = find(id)
      const name = `Copy of ${row.name}`.slice(0, 200).trim()
      return add({...definitionOf(row), name, enabled: false}, createId(), row.position + 1)
    },
    async removeRule(id) {
      find(id)
      store.commitNow(() => store.rules.remove(id))
      onChange()
    },
  }
}

function definitionOf({name, enabled, trigger, when, actions}: RuleRow): Required<RuleDefinition> {
  return {name, enabled, trigger, when, actions}
}
