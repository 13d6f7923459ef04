import {HostError} from '../../errors.ts'
import type {ScheduleDefinition} from '../../workflow-types.ts'
import {checkName} from '../check-names.ts'
import {checkTiming} from './next-run.ts'

const LONGEST_JITTER_MS = 3_600_000

export function refuseSchedule(reason: string): never {
  throw new HostError('SCHEDULE_INVALID', {reason})
}

/** Defaults filled in; whether there is such an action is not looked at. Throws SCHEDULE_INVALID. */
export function parseSchedule(given: ScheduleDefinition, now: number): Required<ScheduleDefinition> {
  const {registration, action, input = {}, cron, timeZone} = given
  const {enabled = true, catchUp = 'one', overlap = 'skip', jitterMs = 0} = given
  for (const [key, value] of Object.entries({registration, action, cron, timeZone}))
    if (typeof value !== 'string' || value === '') refuseSchedule(`its ${key} must be text`)
  if (typeof enabled !== 'boolean') refuseSchedule('enabled must be true or false')
  if (catchUp !== 'one' && catchUp !== 'none') refuseSchedule('catchUp must be one or none')
  if (overlap !== 'skip' && overlap !== 'queue') refuseSchedule('overlap must be skip or queue')
  if (!Number.isInteger(jitterMs) || jitterMs < 0 || jitterMs > LONGEST_JITTER_MS)
    refuseSchedule(`jitterMs must be a whole number from 0 to ${LONGEST_JITTER_MS}`)
  checkTiming({cron, timeZone}, now)
  const name = checkName(given.name, refuseSchedule)
  return {name, registration, action, input, cron, timeZone, enabled, catchUp, overlap, jitterMs}
}
