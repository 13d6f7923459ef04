import {HostError} from '../../errors.ts'
import type {ScheduleRow} from '../../store/schedules.ts'
import type {Schedule, ScheduleDefinition, ScheduleVerbs} from '../../workflow-types.ts'
import {checkId, mergeChange} from '../check-names.ts'
import {createIdSource} from '../create-id.ts'
import {checkTiming, listRuns, nextRun} from './next-run.ts'
import {parseSchedule, refuseSchedule} from './parse-schedule.ts'
import {createScheduledRuns, type ScheduledRunParts} from './scheduled-runs.ts'
import {createTimetable} from './timetable.ts'

const MAX_PREVIEW = 1000
const DEFAULT_PREVIEW = 5

export interface ScheduleParts extends ScheduledRunParts {
  /** Throws when there is no such action, or it does not take this input. */
  checkCall(schedule: Required<ScheduleDefinition>): void
}

export interface Schedules {
  verbs: ScheduleVerbs
  list(): ScheduleRow[]
  start(): void
  stop(): Promise<void>
}

/** The schedules and their verbs; nothing runs before `start`. */
export function createSchedules(parts: ScheduleParts): Schedules {
  const {clock, store, checkCall, onError} = parts
  const createId = createIdSource(clock.now)
  const runs = createScheduledRuns(parts)
  const timetable = createTimetable<ScheduleRow>({
    clock,
    list: () => store.schedules.list().filter(({enabled}) => enabled),
    run: runs.run,
    plan: (row, nextAt) => store.schedules.save({...row, nextAt}),
    onLook: runs.runWaiting,
    onError,
  })

  function find(id: string): ScheduleRow {
    const row = store.schedules.find(id)
    if (!row) throw new HostError('SCHEDULE_NOT_FOUND', {id})
    return row
  }

  function save(row: ScheduleRow): Schedule {
    store.commitNow(() => store.schedules.save(row))
    timetable.look()
    return showSchedule(find(row.id))
  }

  function planOf({enabled, cron, timeZone}: Required<ScheduleDefinition>): number | null {
    return enabled ? nextRun(cron, timeZone, clock.now()) : null
  }

  const verbs: ScheduleVerbs = {
    listSchedules: () => store.schedules.list().map(showSchedule),
    getSchedule: id => showSchedule(find(id)),
    async createSchedule({id: asked, ...given}) {
      const now = clock.now()
      const definition = parseSchedule(given, now)
      checkCall(definition)
      const id = asked === undefined ? createId() : checkId(asked, refuseSchedule)
      if (store.schedules.find(id)) throw new HostError('SCHEDULE_EXISTS', {id})
      return save({...BLANK, ...definition, id, nextAt: planOf(definition), createdAt: now, updatedAt: now})
    },
    async updateSchedule(id, change) {
      const row = find(id)
      const now = clock.now()
      const definition = parseSchedule(mergeChange(definitionOf(row), change), now)
      const isSwitchOnly = Object.entries(change).every(([key, value]) => key === 'enabled' || value === undefined)
      if (!isSwitchOnly || definition.enabled) checkCall(definition)
      const {cron, timeZone, enabled} = definition
      const isSame = cron === row.cron && timeZone === row.timeZone && enabled === row.enabled
      const waitingAt = enabled ? row.waitingAt : null
      // Later than the last change even within a millisecond: what is under way tells by it that the plan is another.
      const updatedAt = Math.max(now, row.updatedAt + 1)
      return save({...row, ...definition, waitingAt, nextAt: isSame ? row.nextAt : planOf(definition), updatedAt})
    },
    async removeSchedule(id) {
      find(id)
      store.commitNow(() => store.schedules.remove(id))
    },
    async runSchedule(id, by) {
      await runs.runNow(find(id), by)
      return showSchedule(find(id))
    },
    previewSchedule({cron, timeZone, from = clock.now(), count = DEFAULT_PREVIEW}) {
      checkTiming({cron, timeZone}, from)
      return {times: listRuns({cron, timeZone}, from, Math.min(count, MAX_PREVIEW))}
    },
  }
  return {verbs, list: () => store.schedules.list(), start: () => timetable.start(), stop: () => timetable.stop()}
}

const BLANK = {
  plannedAt: null,
  waitingAt: null,
  lastAt: null,
  lastExecution: null,
  lastStatus: null,
  lastMessage: '',
}

function definitionOf(row: ScheduleRow): Required<ScheduleDefinition> {
  const {name, registration, action, input, cron, timeZone, enabled, catchUp, overlap, jitterMs} = row
  return {name, registration, action, input, cron, timeZone, enabled, catchUp, overlap, jitterMs}
}

function showSchedule({plannedAt: _, waitingAt: __, ...schedule}: ScheduleRow): Schedule {
  return schedule
}
