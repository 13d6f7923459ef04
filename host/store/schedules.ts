import type {DatabaseSync} from 'node:sqlite'
import type {Schedule} from '../workflow-types.ts'
import {prepareStatement} from './statement.ts'

export interface ScheduleRow extends Schedule {
  /** The planned time of the last run. A clock set back does not bring it again. */
  plannedAt: number | null
  /** The planned time of a run that waits for the one before to end. */
  waitingAt: number | null
}

/** Schedules. All writes join the transaction they are called in. */
export interface ScheduleTable {
  /** By id. */
  list(): ScheduleRow[]
  find(id: string): ScheduleRow | undefined
  save(schedule: ScheduleRow): void
  remove(id: string): void
}

export function createScheduleTable(db: DatabaseSync): ScheduleTable {
  const selectAll = prepareStatement<{data: string}>(db, 'SELECT data FROM schedules ORDER BY id')
  const select = prepareStatement<{data: string}>(db, 'SELECT data FROM schedules WHERE id = ?')
  const upsert = prepareStatement(
    db,
    'INSERT INTO schedules (id, data) VALUES (?, ?) ON CONFLICT DO UPDATE SET data = excluded.data',
  )
  const remove = prepareStatement(db, 'DELETE FROM schedules WHERE id = ?')
  const parse = ({data}: {data: string}): ScheduleRow => JSON.parse(data) as ScheduleRow
  return {
    list: () => selectAll.all().map(parse),
    find(id) {
      const row = select.get(id)
      return row && parse(row)
    },
    save: schedule => void upsert.run(schedule.id, JSON.stringify(schedule)),
    remove: id => void remove.run(id),
  }
}
