import {HostError} from './errors.ts'
import {findChecks} from './execution/action-checks.ts'
import {findAction} from './execution/prepare-call.ts'
import type {WorkflowParts} from './execution/rules/types.ts'
import {createSchedules, type Schedules} from './execution/schedules/schedules.ts'
import {listSecrets} from './registry/secret-fields.ts'
import {formatProblems} from './schema.ts'
import type {ScheduleDefinition} from './workflow-types.ts'

export type ScheduleVerbParts = Pick<
  WorkflowParts,
  'clock' | 'store' | 'queue' | 'findExecution' | 'findRegistration' | 'findManifest' | 'onError'
>

/** Schedules of actions. Nothing runs before `start`. */
export function createScheduleVerbs(parts: ScheduleVerbParts): Schedules {
  return createSchedules({...parts, checkCall: schedule => checkCall(schedule, parts)})
}

/** Throws why this action cannot be called so. */
function checkCall(
  {registration: id, action: name, input}: Required<ScheduleDefinition>,
  {findRegistration, findManifest}: Pick<ScheduleVerbParts, 'findRegistration' | 'findManifest'>,
): void {
  const registration = findRegistration(id)
  if (!registration) throw new HostError('REGISTRATION_NOT_FOUND', {id})
  const active = findManifest(registration.plugin)
  if (!active) throw new HostError('PLUGIN_NOT_FOUND', {id: registration.plugin})
  const action = findAction(registration.plugin, active, name)
  const problems = findChecks(action).input(structuredClone(input))
  if (problems.length > 0) throw new HostError('INPUT_INVALID', {reason: formatProblems(problems), problems})
  if (listSecrets(action.input, input).length > 0) {
    const reason = 'its input holds a secret, which would be kept as it is; keep it in the configuration'
    throw new HostError('SCHEDULE_INVALID', {reason})
  }
}
