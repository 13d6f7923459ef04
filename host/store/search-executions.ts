import type {DatabaseSync} from 'node:sqlite'
import type {Execution, ExecutionFilter} from '../types.ts'
import {prepareStatement, type Statement} from './statement.ts'

interface Raw {
  data: string
}

/** One statement per combination of filters, so that each can use its index. */
export function createSearch(db: DatabaseSync): (filter: ExecutionFilter, limit: number) => Raw[] {
  const prepared = new Map<string, Statement<Raw>>()
  return ({plugin, registration, status, before}, limit) => {
    const conditions = Object.entries({
      'plugin = ?': plugin,
      'registration = ?': registration,
      'status = ?': status,
      'id < ?': before,
    }).filter((entry): entry is [string, string] => entry[1] !== undefined)
    const where = ['TRUE', ...conditions.map(([condition]) => condition)].join(' AND ')
    let statement = prepared.get(where)
    if (!statement) {
      statement = prepareStatement<Raw>(db, `SELECT data FROM executions WHERE ${where} ORDER BY id DESC LIMIT ?`)
      prepared.set(where, statement)
    }
    return statement.all(...conditions.map(([, value]) => value), limit)
  }
}

/** The same filter for executions that are not in the database yet. */
export function matchesFilter(execution: Execution, filter: ExecutionFilter): boolean {
  return (
    (filter.plugin === undefined || execution.plugin === filter.plugin) &&
    (filter.registration === undefined || execution.registration === filter.registration) &&
    (filter.status === undefined || execution.status === filter.status) &&
    (filter.before === undefined || execution.execution < filter.before)
  )
}

export function mergeNewest(executions: Execution[], limit: number): Execution[] {
  return executions.sort((one, other) => (one.execution < other.execution ? 1 : -1)).slice(0, limit)
}
