import type {DatabaseSync, SQLInputValue} from 'node:sqlite'
import {HostError} from '../errors.ts'

/** A prepared statement; its failures are HOST_STORE_FAILED. */
export interface Statement<Row> {
  run(...values: SQLInputValue[]): {changes: number; lastId: number}
  get(...values: SQLInputValue[]): Row | undefined
  all(...values: SQLInputValue[]): Row[]
}

/** Primary result codes of SQLite after which the same write may succeed later, or nothing can be written at all. */
const STORE_WIDE = new Set([5, 6, 7, 8, 10, 11, 13, 14, 26])

/** `Row` is what the statement's columns are named and typed as; the SQL is the only witness. */
export function prepareStatement<Row>(db: DatabaseSync, sql: string): Statement<Row> {
  const statement = attempt(() => db.prepare(sql))
  return {
    run: (...values) =>
      attempt(() => {
        const {changes, lastInsertRowid} = statement.run(...values)
        return {changes: Number(changes), lastId: Number(lastInsertRowid)}
      }),
    get: (...values) => attempt(() => statement.get(...values)) as Row | undefined,
    all: (...values) => attempt(() => statement.all(...values)) as Row[],
  }
}

/** Runs work on the database; what it throws becomes a HostError. */
export function attempt<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw toStoreError(error)
  }
}

export function toStoreError(error: unknown): HostError {
  if (error instanceof HostError) return error
  const {message, errcode} = error as Error & {errcode?: number}
  return new HostError('HOST_STORE_FAILED', {reason: message, ...(errcode !== undefined && {errcode})}, error)
}

/** True for a full disk, an I/O error and the like: no fault of the row that was being written. */
export function isStoreWide(error: unknown): boolean {
  const errcode = error instanceof HostError ? error.details.errcode : undefined
  return typeof errcode === 'number' && STORE_WIDE.has(errcode & 0xff)
}
