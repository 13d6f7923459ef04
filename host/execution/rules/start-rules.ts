import {evaluateCondition} from '../../mapping/conditions.ts'
import type {MappingSource} from '../../mapping-types.ts'
import type {EventRow} from '../../store/events.ts'
import type {RuleRow} from '../../store/rules.ts'
import type {FieldInfo, RuleRun} from '../../types.ts'
import type {RuleRuns} from './rule-runs.ts'
import type {WorkflowParts} from './types.ts'

/** True when the rule's own condition fits; one without any always does. */
export function fitsRule({when}: RuleRow, source: MappingSource, fields: FieldInfo[]): boolean {
  return when === null || evaluateCondition(when, source, fields).fits
}

/** What an event starts: a run of each rule that is for it and fits, in their order. */
export function createRuleStarter(
  {store, listFields}: Pick<WorkflowParts, 'store' | 'listFields'>,
  runs: Pick<RuleRuns, 'start'>,
): (event: EventRow, alongside: () => void) => Promise<RuleRun[]> {
  return async (event, alongside) => {
    const {id, type, module, record, old, by} = event
    const asked = store.rules
      .list()
      .filter(({enabled, trigger}) => enabled && trigger.kind === 'event' && trigger.events.includes(type))
    const fields = asked.some(({when}) => when !== null) ? await listFields(module) : []
    const source = {record, ...(old && {old}), user: {name: by}}
    const fitting = asked.filter(rule => fitsRule(rule, source, fields))
    const cause = `event:${id}`
    return runs.start(
      fitting.map(rule => ({rule, cause, event: id, module, record, old, by})),
      alongside,
    )
  }
}
