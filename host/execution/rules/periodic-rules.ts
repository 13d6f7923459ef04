import type {MainRecord, RecordQuery} from '../../record-types.ts'
import type {RuleRow} from '../../store/rules.ts'
import type {Module, Page} from '../../types.ts'
import type {RuleTrigger} from '../../workflow-types.ts'
import type {Planned} from '../schedules/decide-due.ts'
import {createTimetable, type Timetable} from '../schedules/timetable.ts'
import type {RuleRuns} from './rule-runs.ts'
import {fitsRule} from './start-rules.ts'
import type {WorkflowParts} from './types.ts'

const DEFAULT_LIMIT = 100
const PAGE = 100
/** Records looked at in one period, at most. */
const MAX_LOOKED_AT = 10_000
/** Who asks for a run at its time. */
const BY = 'schedule'

type Period = Extract<RuleTrigger, {kind: 'period'}>
interface Entry extends Planned {
  rule: RuleRow
  trigger: Period
}

export interface PeriodicParts extends Pick<WorkflowParts, 'clock' | 'store' | 'listFields' | 'onError'> {
  runs: Pick<RuleRuns, 'start'>
  search(module: Module, query: RecordQuery): Promise<Page>
  /** At each look at the clock. */
  onLook(): void
}

/** Runs periodic rules at their times, a run for each record that fits; none while runs of the time before go on. */
export function createPeriodicRules(parts: PeriodicParts): Timetable {
  const {clock, store, runs} = parts

  /** Of the rule as it is by now; a plan that was changed in between stays. */
  function note(seen: RuleRow, change: Partial<RuleRow>): void {
    const rule = store.rules.find(seen.id)
    if (rule) store.rules.save(rule.updatedAt === seen.updatedAt ? {...rule, ...change} : rule)
  }

  return createTimetable<Entry>({
    clock,
    list: () => store.rules.list().flatMap(listEntry),
    plan: ({rule}, nextAt) => note(rule, {nextAt}),
    onLook: parts.onLook,
    onError: parts.onError,
    async run({rule, trigger}, {plannedAt, nextAt}) {
      const plan = {plannedAt, nextAt}
      if (store.ruleRuns.listRunning(rule.id).length > 0) return store.writer.commit(() => note(rule, plan))
      const {module} = trigger
      const records = await findRecords(rule, trigger, parts)
      const news = records.map(record => {
        return {rule, cause: `period:${plannedAt}:${record.id}`, event: null, module, record, old: null, by: BY}
      })
      await runs.start(news, () => note(rule, {...plan, lastAt: clock.now()}))
    },
  })
}

function listEntry(rule: RuleRow): Entry[] {
  const {id, enabled, trigger, nextAt, plannedAt} = rule
  if (!enabled || trigger.kind !== 'period') return []
  const {cron, timeZone} = trigger
  return [{id, cron, timeZone, catchUp: 'one', jitterMs: 0, nextAt, plannedAt, rule, trigger}]
}

async function findRecords(
  rule: RuleRow,
  {module, where, limit = DEFAULT_LIMIT}: Period,
  {search, listFields}: PeriodicParts,
): Promise<MainRecord[]> {
  const fields = await listFields(module)
  const found: MainRecord[] = []
  for (let offset = 0; offset < MAX_LOOKED_AT && found.length < limit; offset += PAGE) {
    const {items} = await search(module, {...(where && {where}), limit: PAGE, offset})
    found.push(...items.filter(record => fitsRule(rule, {record, user: {name: BY}}, fields)))
    if (items.length < PAGE) break
  }
  return found.slice(0, limit)
}
