import {type ExecuteParams, type Json, METHODS} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import {findChecks} from '../execution/action-checks.ts'
import {checkEffects} from '../execution/check-effects.ts'
import type {ActionSettings} from '../manifest.ts'
import {formatProblems, type Problem} from '../schema.ts'
import type {Execution} from '../types.ts'
import type {Answer} from './compare-answers.ts'
import type {SideProcess} from './types.ts'

/** Runs what was executed once more, dry, on one version. Rejects with why there is no answer that fits. */
export async function runDry(
  side: SideProcess,
  {execution, registration, action, input}: Execution,
  settings: ActionSettings,
  deadline: number,
): Promise<Answer> {
  // Both versions are told the same id: an answer may speak of it.
  const id = `${execution}-rehearsal`
  const params: ExecuteParams = {
    execution: id,
    registration,
    action,
    input: checkInput(settings, input),
    mode: 'dryRun',
    deadline,
    attempt: 1,
    idempotencyKey: id,
  }
  const {result} = await side.call(METHODS.execute, params, {deadline, action})
  return parseAnswer(settings, result)
}

function checkInput(settings: ActionSettings, given: Json): Json {
  const input = structuredClone(given)
  const problems = findChecks(settings).input(input)
  if (problems.length > 0) throw new HostError('INPUT_INVALID', {reason: formatProblems(problems), problems})
  return input
}

function parseAnswer(settings: ActionSettings, result: unknown): Answer {
  const {output, effects = [], message = ''} = Object(result) as {output?: Json; effects?: Json; message?: unknown}
  const problems: Problem[] =
    output === undefined
      ? [{pointer: '/output', message: 'is required'}]
      : [
          ...place('/output', findChecks(settings).output(structuredClone(output))),
          ...place('/effects', checkEffects(effects)),
        ]
  if (output === undefined || problems.length > 0) {
    throw new Error(`Cannot accept the answer: ${formatProblems(problems)}`)
  }
  return {output, effects, message: String(message)}
}

function place(start: string, problems: readonly Problem[]): Problem[] {
  return problems.map(problem => ({...problem, pointer: `${start}${problem.pointer}`}))
}
