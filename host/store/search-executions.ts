import type {DatabaseSync, SQLInputValue} from 'node:sqlite'
import type {Execution, ExecutionFilter} from '../types.ts'
import {prepareStatement, type Statement} from './statement.ts'

interface Raw {
  data: string
}

/** What each filter asks of a row, and the same of an execution that is not in the database yet. */
const FILTERS = {
  plugin: {sql: 'plugin = ?', fits: (entry, value) => entry.plugin === value},
  registration: {sql: 'registration = ?', fits: (entry, value) => entry.registration === value},
  status: {sql: 'status = ?', fits: (entry, value) => entry.status === value},
  action: {sql: 'action = ?', fits: (entry, value) => entry.action === value},
  mode: {sql: 'mode = ?', fits: (entry, value) => entry.mode === value},
  by: {sql: 'asked_by = ?', fits: (entry, value) => entry.by === value},
  record: {sql: 'record = ?', fits: (entry, value) => entry.record === value},
  since: {sql: 'started_at >= ?', fits: (entry, value) => entry.startedAt >= Number(value)},
  until: {sql: 'started_at < ?', fits: (entry, value) => entry.startedAt < Number(value)},
  before: {sql: 'id < ?', fits: (entry, value) => entry.execution < String(value)},
} satisfies {
  [name in Exclude<keyof ExecutionFilter, 'limit'>]-?: {
    sql: string
    fits: (entry: Execution, value: string | number) => boolean
  }
}

type FilterName = keyof typeof FILTERS
const NAMES = Object.keys(FILTERS) as FilterName[]

function listGiven(filter: ExecutionFilter): [FilterName, string | number][] {
  return NAMES.flatMap(name => {
    const value = filter[name]
    return value === undefined ? [] : [[name, value] as [FilterName, string | number]]
  })
}

const SLACK_MS = 86_400_000

/** Ids begin with the time they were made, so a span of time is a span of the key. A clock set back is allowed for by a day. */
function boundIds({since, until}: ExecutionFilter): [sql: string, value: string][] {
  return [
    ...(since === undefined ? [] : [['id >= ?', startOfId(since - SLACK_MS)] as [string, string]]),
    ...(until === undefined ? [] : [['id < ?', startOfId(until + SLACK_MS)] as [string, string]]),
  ]
}

export function startOfId(at: number): string {
  return Math.max(0, Math.floor(at)).toString(36).padStart(9, '0')
}

/** One statement per combination of filters, so that each can use its index. */
export function createSearch(db: DatabaseSync): (filter: ExecutionFilter, limit: number) => Raw[] {
  const prepared = new Map<string, Statement<Raw>>()
  return (filter, limit) => {
    const asked = listGiven(filter).map(([name, value]): [string, string | number] => [FILTERS[name].sql, value])
    const given = [...asked, ...boundIds(filter)]
    const where = ['TRUE', ...given.map(([sql]) => sql)].join(' AND ')
    let statement = prepared.get(where)
    if (!statement) {
      statement = prepareStatement<Raw>(db, `SELECT data FROM executions WHERE ${where} ORDER BY id DESC LIMIT ?`)
      prepared.set(where, statement)
    }
    return statement.all(...given.map(([, value]): SQLInputValue => value), limit)
  }
}

/** The same filter for executions that are not in the database yet. */
export function matchesFilter(execution: Execution, filter: ExecutionFilter): boolean {
  return listGiven(filter).every(([name, value]) => FILTERS[name].fits(execution, value))
}

export function mergeNewest(executions: Execution[], limit: number): Execution[] {
  return executions.sort((one, other) => (one.execution < other.execution ? 1 : -1)).slice(0, limit)
}
