import {evaluateCondition} from '../../mapping/conditions.ts'
import type {MappingSource} from '../../mapping-types.ts'
import type {EventRow} from '../../store/events.ts'
import type {RuleRow} from '../../store/rules.ts'
import type {FieldInfo} from '../../types.ts'
import type {RuleAction, RuleTest} from '../../workflow-types.ts'
import {modulesOf} from './parse-rule.ts'
import type {WorkflowParts} from './types.ts'

type Parts = Pick<WorkflowParts, 'mappings' | 'listFields'>
type Explained = RuleTest['explained']

/** What the rule would do with an event: why it fits, and the input of each step, secrets masked. Nothing is executed. */
export async function testRule(rule: RuleRow, event: EventRow, parts: Parts): Promise<RuleTest> {
  const {module, record, old} = event
  const fields = await parts.listFields(module)
  const source: MappingSource = {record, ...(old && {old}), user: {name: event.by}}
  const condition = rule.when ? evaluateCondition(rule.when, source, fields) : {fits: true, explained: []}
  const explained = [...explainTrigger(rule, event), ...condition.explained]
  const steps: RuleTest['steps'] = []
  for (const action of rule.actions) steps.push(await testStep(action, {event, source, fields}, parts))
  return {fits: condition.fits && explainTrigger(rule, event).every(({fits}) => fits), explained, steps}
}

function explainTrigger({trigger, enabled}: RuleRow, {type, module}: EventRow): Explained {
  const known = enabled ? [] : [{text: 'the rule is disabled', fits: false}]
  if (trigger.kind === 'event')
    return [
      ...known,
      {text: `event ${type} is one of ${trigger.events.join(', ')}`, fits: trigger.events.includes(type)},
    ]
  const isOfModule = modulesOf(trigger).includes(module)
  return [...known, {text: `the record is of kind ${trigger.module}`, fits: isOfModule}]
}

async function testStep(
  {key, registration, action, mapping, rows = [], when}: RuleAction,
  {event, source, fields}: {event: EventRow; source: MappingSource; fields: FieldInfo[]},
  {mappings}: Parts,
): Promise<RuleTest['steps'][number]> {
  const fits = when === undefined || evaluateCondition(when, source, fields).fits
  const {module, record, old} = event
  try {
    const asked = {registration, mapping: mapping ?? {action, module, rows}, record, ...(old && {old})}
    const {input, problems} = await mappings.previewMapping(asked)
    return {key, fits, input, problems: problems.map(({pointer, message}) => ({pointer, message}))}
  } catch (error) {
    return {key, fits, input: null, problems: [{pointer: '', message: (error as Error).message}]}
  }
}
