import {HostError} from '../../errors.ts'
import {evaluateCondition} from '../../mapping/conditions.ts'
import type {MappingSource} from '../../mapping-types.ts'
import type {RuleRunRow, RuleWork} from '../../store/rule-runs.ts'
import type {ExecuteRequest} from '../../types.ts'
import type {RuleAction} from '../../workflow-types.ts'
import {isPassing} from '../is-passing.ts'
import {changeStep, isOpen, settleRun} from './run-steps.ts'
import type {PreparedInput, WorkflowParts} from './types.ts'

export type StepParts = Pick<WorkflowParts, 'clock' | 'findExecution' | 'mappings' | 'listFields'>

/** A run and the step to be submitted for it; without a request the run has ended, or waits for an execution. */
export interface NextStep {
  run: RuleRunRow
  at: number
  request: ExecuteRequest | null
}

/** Passes over steps whose condition does not fit or whose input cannot be made, up to one that can be submitted. */
export async function findNextStep(given: RuleRunRow, parts: StepParts): Promise<NextStep> {
  let run = settleRun(given, parts.clock.now())
  for (;;) {
    const at = run.work ? run.steps.findIndex(({status}) => status === 'waiting') : -1
    const action = run.work?.actions[at]
    if (!run.work || !action || run.steps.some(isOpen)) return {run, at: -1, request: null}
    const source = composeSource(run, run.work, parts)
    const fields = await parts.listFields(run.work.module)
    if (action.when && !evaluateCondition(action.when, source, fields).fits) {
      run = changeStep(run, at, {status: 'skipped', message: 'its condition does not fit'})
    } else {
      try {
        const prepared = await prepareStep(action, run.work, source, parts)
        return {run, at, request: composeRequest(run, action, prepared)}
      } catch (error) {
        if (isPassing(error)) throw error
        run = refuseStep(run, at, error as HostError)
      }
    }
    run = settleRun(run, parts.clock.now())
  }
}

export function refuseStep(run: RuleRunRow, at: number, {message}: Error): RuleRunRow {
  return changeStep(run, at, {status: 'refused', message})
}

function composeSource(run: RuleRunRow, {record, old}: RuleWork, {findExecution}: StepParts): MappingSource {
  const outputs = run.steps.flatMap(({key, execution}) => {
    const ended = execution === null ? undefined : findExecution(execution)
    return ended ? [[key, {output: ended.output}] as const] : []
  })
  return {record, ...(old && {old}), steps: Object.fromEntries(outputs), user: {name: run.by}}
}

async function prepareStep(
  {registration, action, mapping: name, rows = []}: RuleAction,
  {module}: RuleWork,
  source: MappingSource,
  {mappings}: StepParts,
): Promise<PreparedInput> {
  if (name === undefined) return mappings.prepareRows(registration, action, module, rows, source)
  const prepared = await mappings.prepare(registration, name, source)
  // It may have been saved anew since the rule was.
  const refuse = (reason: string): never => {
    throw new HostError('MAPPING_FAILED', {name, reason})
  }
  if (prepared.action !== action) refuse(`it is for action "${prepared.action}", not for "${action}"`)
  if (prepared.module !== module) refuse(`it is for records of kind ${prepared.module}, not ${module}`)
  return prepared
}

/** The key makes the step run once, whatever happens to the server in between. */
function composeRequest(run: RuleRunRow, action: RuleAction, {input, mapping, output}: PreparedInput): ExecuteRequest {
  return {
    registration: action.registration,
    action: action.action,
    input,
    mode: action.mode ?? 'live',
    by: run.by,
    origin: {kind: run.cause === null ? 'scenario' : 'rule', id: run.id},
    idempotencyKey: `${run.id}/${action.key}`,
    ...(run.record !== null && {record: run.record}),
    ...(mapping && {mapping}),
    ...(run.record !== null &&
      run.work && {
        output: {module: run.work.module, record: run.record.slice(run.work.module.length + 1), rows: output},
      }),
  }
}
